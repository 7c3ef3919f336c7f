import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { layout, pagesOf, paper, pdfPaper, type Page, type Sheet } from './index.js';

jest.setTimeout(60_000); // a loaded machine draws slowly

const columns = [{ title: '项目 Item', width: 80 }, { title: '数 Count', width: 30, align: 'right' as const }];
const rows = (of: string, count: number): readonly (readonly string[])[] => Array.from({ length: count }, (_, n) => [`${of} ${n}`, String(n)]);
const sheet = (counts: readonly number[], foot = ['Σ']): Sheet => ({ ...paper.A4, title: '日报 Report', code: '', about: ['2026-11-29'], tables: counts.map((count, n) => ({ heading: `表 ${n}`, columns, rows: rows(`t${n}`, count) })), foot });
const texts = ({ template }: Page): readonly string[] => template.elements.flatMap((element) => (element.kind === 'fixed' ? [element.text] : []));

describe('a sheet of several tables', () => {
  const every = Array.from({ length: 50 }, (_, first) => [[first], [3, first], [40, 0, first], [first, first]]).flat();

  it.each([['short', [[], ...every.slice(0, 60)]], ['long', every.slice(60)]])('has every row once, in order, each table under its heading and head, and nothing below the edge: %s', (_, all) => {
    for (const counts of all) {
      const pages = pagesOf(sheet(counts));
      const shown = pages.flatMap(texts);
      const wanted = counts.flatMap((count, n) => rows(`t${n}`, count).map(([first]) => first));
      expect(shown.filter((text) => /^t\d+ \d+$/.test(text))).toEqual(wanted);
      expect(shown.filter((text) => text.startsWith('表'))).toEqual(counts.map((__, n) => `表 ${n}`));
      expect(shown.filter((text) => text === 'Σ')).toHaveLength(1);
      for (const page of pages) {
        // A heading has its head and, if there are any, a row under it.
        const of = texts(page);
        for (const [at, text] of of.entries()) if (text.startsWith('表') && counts[Number(text.slice(2))]! > 0) expect(of[at + 3]).toBe(`t${text.slice(2)} 0`);
        const lines = page.template.elements.flatMap((element) => (element.kind === 'fixed' && element.text !== '' ? layout(element.text, element).lines : []));
        const number = lines.at(-1)!.baseline;
        for (const line of lines.slice(0, -1)) expect(line.baseline).toBeLessThan(number - 2);
      }
    }
  });

  it('is the same bytes of the same sheet', async () => {
    const make = async (at = '2026-11-29'): Promise<Buffer> => {
      const on = pdfPaper('report', at);
      for (const { template, fields } of pagesOf(sheet([3, 2]))) on.add(template, fields);
      return on.end();
    };
    const first = await make();
    expect(first.subarray(0, 5).toString()).toBe('%PDF-');
    await sleep(1_100); // a PDF's dates have seconds
    expect((await make()).equals(first)).toBe(true);
    expect((await make('2026-11-30')).equals(first)).toBe(false);
  });
});
