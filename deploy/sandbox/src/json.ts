/** A number that is written as it stands, so that ids above 2^53 survive. */
export class Digits {
  constructor(readonly text: string) {}
}

/** JSON with exact numbers. */
export type Tree = string | number | boolean | null | Digits | readonly Tree[] | { readonly [name: string]: Tree };
export type Branch = { [name: string]: Tree };

/** How a platform writes the same JSON: with or without line breaks and `\/`. */
export interface Hand {
  pretty: boolean;
  escapedSlashes: boolean;
}

/** The text of a tree. Real webhook bodies have `\/` and blank lines in empty arrays; parsing and writing them again breaks their signature. */
export function writeJson(tree: Tree, hand: Hand = { pretty: false, escapedSlashes: false }, depth = 0): string {
  const quote = (text: string): string => (hand.escapedSlashes ? JSON.stringify(text).replaceAll('/', '\\/') : JSON.stringify(text));
  const pad = (levels: number): string => (hand.pretty ? `\n${'  '.repeat(levels)}` : '');
  if (tree === null) return 'null';
  if (tree instanceof Digits) return tree.text;
  if (typeof tree === 'string') return quote(tree);
  if (typeof tree === 'number' || typeof tree === 'boolean') return String(tree);
  if (Array.isArray(tree)) {
    if (tree.length === 0) return hand.pretty ? `[\n${pad(depth)}]` : '[]';
    return `[${tree.map((item: Tree) => pad(depth + 1) + writeJson(item, hand, depth + 1)).join(',')}${pad(depth)}]`;
  }
  const colon = hand.pretty ? ': ' : ':';
  const fields = Object.entries(tree).map(([name, value]) => `${pad(depth + 1)}${quote(name)}${colon}${writeJson(value, hand, depth + 1)}`);
  return fields.length === 0 ? '{}' : `{${fields.join(',')}${pad(depth)}}`;
}

/** Parses JSON with integers of 16 digits and more as strings, which `JSON.parse` would round. */
export function exactJson(text: string): unknown {
  const exact = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) => (token.startsWith('"') ? token : `"${token}"`));
  return JSON.parse(exact) as unknown;
}
