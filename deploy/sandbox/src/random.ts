import { createHash } from 'node:crypto';

/** Chance that can be repeated: the same seed gives the same sequence on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number, both ends included. */
  int(min: number, max: number): number;
  pick<T>(choices: readonly T[]): T;
  chance(probability: number): boolean;
  shuffled<T>(items: readonly T[]): T[];
  /** An independent stream, so that one more draw in one place does not change all others. */
  fork(label: string | number): Random;
}

/** @example createRandom('7').int(1, 6) */
export function createRandom(seed: string | number): Random {
  const digest = createHash('sha256').update(String(seed)).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = 1;
  const next = (): number => {
    // sfc32: small, fast, passes the usual test batteries.
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < 12; i += 1) next();
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(choices: readonly T[]): T => {
    const chosen = choices[int(0, choices.length - 1)];
    if (chosen === undefined) throw new Error('nothing to pick from');
    return chosen;
  };
  const shuffled = <T>(items: readonly T[]): T[] => {
    const left = [...items];
    const out: T[] = [];
    while (left.length > 0) out.push(...left.splice(int(0, left.length - 1), 1));
    return out;
  };
  return { next, int, pick, chance: (probability) => next() < probability, shuffled, fork: (label) => createRandom(`${seed}/${label}`) };
}

/** A 19-digit id, above 2^53 and below 2^63, the same for the same parts. Only ever a string: a JS number would round it. */
export function bigId(...parts: readonly (string | number)[]): string {
  const value = createHash('sha256').update(parts.join('|')).digest().readBigUInt64BE(0);
  return (1_000_000_000_000_000_000n + (value % 8_000_000_000_000_000_000n)).toString();
}
