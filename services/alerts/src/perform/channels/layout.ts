import type { Told } from './channel.js';

const labels = {
  zh: { more: (count: number) => `另有 ${count} 条，请在控制台查看`, escalated: '（升级）', of: (count: number) => `${count} 条` },
  en: { more: (count: number) => `and ${count} more; see the console`, escalated: ' (escalated)', of: (count: number) => `${count}` },
} as const;

/** The lines of a message, section by section. `bold` is the channel's way of standing out. */
export const linesOf = ({ language, sections, more }: Told, bold: (text: string) => string = (text) => text): readonly string[] => {
  const label = labels[language];
  return [
    ...sections.flatMap(({ title, items }) => [
      bold(`${title} · ${label.of(items.length)}`),
      ...items.map(({ subjectId, detail, level }) => `- ${subjectId}${level > 0 ? label.escalated : ''}: ${detail}`),
    ]),
    ...(more > 0 ? [label.more(more)] : []),
  ];
};

/** As many whole lines as fit into so many bytes of UTF-8, joined; what was left out is counted in a last line. */
export const fitted = (lines: readonly string[], bytes: number, language: Told['language'], joint = '\n'): string => {
  const whole = lines.join(joint);
  if (Buffer.byteLength(whole) <= bytes) return whole;
  const note = (count: number): string => labels[language].more(count);
  const room = bytes - Buffer.byteLength(joint + note(lines.length));
  let text = '';
  let kept = 0;
  for (const line of lines) {
    const next = kept === 0 ? line : text + joint + line;
    if (Buffer.byteLength(next) > room) break;
    text = next;
    kept += 1;
  }
  // A single line that is too long is cut between characters.
  if (kept === 0) return Buffer.from(lines[0] ?? '').subarray(0, Math.max(0, bytes)).toString('utf8').replace(/\uFFFD+$/, '');
  return `${text}${joint}${note(lines.length - kept)}`;
};
