/** Base64 of a text's UTF-8 bytes, as the gateway takes bytes. */
export const toBase64 = (text: string): string => {
  let binary = '';
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
};

export interface Laid {
  /** Laid out for editing, if it is JSON; else as it stands. */
  readonly text: string;
  readonly json: boolean;
}

/** An input as it is shown for editing. Numbers that JSON.parse would change (1.10, ids beyond 2^53) keep it as it came. */
export const laidOut = (text: string): Laid => {
  try {
    const value: unknown = JSON.parse(text);
    const compact = JSON.stringify(value);
    const same = withoutSpace(text) === withoutSpace(compact);
    return { text: same ? JSON.stringify(value, null, 2) : text, json: true };
  } catch {
    return { text, json: false };
  }
};

// Outside of strings space says nothing; escapes are read, since "\u4e2d" and "中" are the same.
const withoutSpace = (text: string): string => text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (part) => (part.startsWith('"') ? (JSON.stringify(JSON.parse(part)) as string) : ''));

export type Fix = { readonly kind: 'unchanged' | 'ready' } | { readonly kind: 'broken'; readonly line: number; readonly message: string };

/** Whether a correction can be sent: what was JSON has to be JSON still. */
export const fixOf = (before: Laid, edited: string): Fix => {
  if (edited === before.text) return { kind: 'unchanged' };
  if (!before.json) return { kind: 'ready' };
  try {
    JSON.parse(edited);
    return { kind: 'ready' };
  } catch (error) {
    const message = (error as Error).message;
    const at = /position (\d+)/.exec(message);
    const line = /line (\d+)/.exec(message);
    return { kind: 'broken', line: line ? Number(line[1]) : at ? edited.slice(0, Number(at[1])).split('\n').length : edited.split('\n').length, message };
  }
};

/** Lines that a correction has changed, added or taken away. */
export const changedLines = (before: string, after: string): number => {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let [first, lastA, lastB] = [0, a.length, b.length];
  while (first < lastA && first < lastB && a[first] === b[first]) first += 1;
  while (lastA > first && lastB > first && a[lastA - 1] === b[lastB - 1]) [lastA, lastB] = [lastA - 1, lastB - 1];
  return Math.max(lastA, lastB) - first;
};

export interface ParkedKey {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: string;
  readonly key: string;
}

/** "<consumer>/<topic>/<partition>/<key>". */
export const partsOfKey = (parkedKey: string): ParkedKey => {
  const [consumer = '', topic = '', partition = '', ...key] = parkedKey.split('/');
  return { consumer, topic, partition, key: key.join('/') };
};

/** What helps with a reason; its name among this page's words. */
export const adviceOf = (reason: string): 'advMapSku' | 'advChannel' | 'advMapping' | 'advFixValue' | 'advErased' | 'advWait' | 'advMoreHelp' => {
  if (reason === 'UNKNOWN_SKU' || reason === 'SKU_UNMAPPED' || reason === 'UNMAPPED_SKU') return 'advMapSku';
  if (reason === 'UNKNOWN_CHANNEL') return 'advChannel';
  if (reason === 'BAD_MAPPING' || reason === 'BAD_FIELD' || reason === 'UNKNOWN_TOPIC') return 'advMapping';
  if (reason === 'SUBJECT_ERASED') return 'advErased';
  if (reason === 'PARKED' || reason === 'CONFLICT' || reason === 'UNAVAILABLE') return 'advWait';
  return reason.startsWith('BAD_') || reason.startsWith('NO_') || reason === 'CONTRACT_VIOLATED' || reason === 'TOO_LARGE' ? 'advFixValue' : 'advMoreHelp';
};
