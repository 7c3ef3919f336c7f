import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';

const longestRemark = 2_000;
const mostRules = 200;
const mostPatterns = 50;
const longestPattern = 200;
const mostGaps = 3;
const gap = 12;
const longestNumber = 4;
// The built-in rules make 0.11 million characters, and the pattern of theirs that may be read in most ways 32,000.
const mostCompiled = 1_000_000;
const mostWays = 40_000;

interface Pattern {
  readonly source: string;
  /** It has a carrier in it, for whom it is tried one by one. */
  readonly ofCarrier: boolean;
  /** In how many ways a text may have to be tried with it: all that its gaps, numbers and alternatives leave open. */
  readonly ways: number;
}

interface Compiled {
  readonly tag: string;
  /** By carrier; "" where the rule names none. */
  readonly tries: readonly { readonly carrier: string; readonly any: RegExp; readonly unless: RegExp | undefined }[];
}

/** Is shown each pattern as it was compiled, for each carrier. */
type Check = (path: string, pattern: Pattern) => void;

/** Rules ready to be tried on remarks. */
export type RemarkReader = (remark: string) => readonly string[];

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
// Where a Latin word begins or ends in a pattern, it does so in the remark: "SF" is not in "transfer".
const bounded = (source: string): string => `(?<![a-z0-9](?=[a-z0-9]))${source}(?!(?<=[a-z0-9])[a-z0-9])`;

const alternatives = (words: readonly string[]): string => words.map((word) => bounded(literal(word.normalize('NFKC').replace(/\s+/gu, ' ').toLowerCase()))).join('|');

/** A pattern as it stands in the data, as an expression without nested repetition. Refused BAD_REQUEST with its path. */
const parse = (pattern: string, path: string, words: (name: 'carrier' | 'other') => readonly string[]): Pattern => {
  const wrong = (what: string): never => {
    throw new Refused('BAD_REQUEST', `${path} ${what}`);
  };
  if (pattern === '' || pattern.length > longestPattern) wrong(`is empty or longer than ${longestPattern} characters`);
  const text = pattern.normalize('NFKC').replaceAll('...', '…').replace(/\s+/gu, ' ').toLowerCase();
  if (text.split('…').length - 1 > mostGaps) wrong(`has more than ${mostGaps} gaps`);
  let [source, depth, ofCarrier] = ['', 0, false];
  // Of the pattern, and of each alternative of the bracket that is open.
  let [ways, branches] = [1, [1]];
  const choose = (among: number): void => {
    if (depth > 0) branches.push(branches.pop()! * among);
    else ways *= among;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    const name = /^\{(carrier|other)\}/.exec(text.slice(at));
    if (name !== null) {
      ofCarrier ||= name[1] === 'carrier';
      const called = words(name[1] as 'carrier' | 'other');
      source += `(?:${alternatives(called)})`;
      choose(called.length);
      at += name[0].length - 1;
    } else if (character === '(') {
      if (depth++ > 0) wrong('has brackets within brackets');
      source += '(?:';
      branches = [1];
    } else if (character === ')') {
      if (--depth < 0) wrong('closes a bracket that it did not open');
      source += ')';
      ways *= branches.reduce((sum, one) => sum + one, 0);
    } else if (character === '|' && depth > 0) {
      source += '|';
      branches.push(1);
    } else if (character === '…') {
      source += `[^]{0,${gap}}?`;
      choose(gap + 1);
    } else if (character === '#') {
      source += `[0-9零一二三四五六七八九十两]{1,${longestNumber}}`;
      choose(longestNumber);
    } else if (character === '^' && at === 0) source += String.raw`^\s*`;
    else if (character === '$' && at === text.length - 1) source += String.raw`\s*$`;
    else source += literal(character);
  }
  if (depth !== 0) wrong('does not close a bracket');
  return { source: bounded(source), ofCarrier, ways };
};

const compileRule = ({ tag, any, unless, title, titleZh }: ingest.RemarkRule, at: number, { carriers }: ingest.RemarkRuleSet, check: Check): Compiled => {
  const path = `rules[${at}]`;
  const wrong = (what: string): never => {
    throw new Refused('BAD_REQUEST', `${path}.${what}`);
  };
  if (!/^[\p{L}\p{N}:._{}-]{1,60}$/u.test(tag) || /[{}]/.test(tag.replace('{carrier}', ''))) wrong('tag is no name of up to 60 letters, digits, ":", "-", with {carrier} at most once');
  if ([title, titleZh].some((text) => text === '' || text.length > 100)) wrong('title and title_zh have 1 to 100 characters');
  if (any.length === 0 || any.length > mostPatterns || unless.length > mostPatterns) wrong(`any has 1 to ${mostPatterns} patterns, and unless as many at most`);
  const every = carriers.flatMap(({ words }) => words);
  const compiled = (pattern: string, where: string, words: readonly string[]): string => {
    const parsed = parse(pattern, where, (name) => (name === 'carrier' ? words : every));
    check(where, parsed);
    return parsed.source;
  };
  const expression = (patterns: readonly string[], list: 'any' | 'unless', words: readonly string[]): RegExp | undefined =>
    patterns.length === 0 ? undefined : new RegExp(patterns.map((pattern, n) => compiled(pattern, `${path}.${list}[${n}]`, words)).join('|'), 'u');
  const named = any.some((pattern, n) => parse(pattern, `${path}.any[${n}]`, () => ['x']).ofCarrier);
  if (named !== tag.includes('{carrier}')) wrong('tag has {carrier} exactly if its patterns have');
  const tries = (named ? carriers : [{ carrier: '', words: every }]).map(({ carrier, words }) => ({ carrier, any: expression(any, 'any', words)!, unless: expression(unless, 'unless', words) }));
  return { tag, tries };
};

/**
 * Compiles rules that somebody gives. Refused BAD_REQUEST with the path of what is wrong first: also of a pattern that may be read in more ways than anybody has time for
 * ("####…" has four for each number, and all of them are tried on a text that ends otherwise). TOO_LARGE where all patterns, each for every carrier that it names, make more than `mostCompiled` characters.
 */
export const checkedRemarks = (set: ingest.RemarkRuleSet): RemarkReader => {
  let size = 0;
  return compileRemarks(set, (path, { source, ways }) => {
    if (ways > mostWays) throw new Refused('BAD_REQUEST', `${path} may be read in more than ${mostWays} ways: take alternatives, gaps or numbers out of it, or make it several patterns`);
    if ((size += source.length) > mostCompiled) throw new Refused('TOO_LARGE', `the rules up to ${path} make more than ${mostCompiled} characters, with every pattern for every carrier and all of their words: take patterns, carriers or words out`);
  });
};

/** The same of rules that were checked when they were put. */
export const compileRemarks = (set: ingest.RemarkRuleSet, check: Check = () => undefined): RemarkReader => {
  const wrong = (what: string): never => {
    throw new Refused('BAD_REQUEST', what);
  };
  if (set.rules.length > mostRules) wrong(`rules has more than ${mostRules} entries`);
  if (set.carriers.length > 100) wrong('carriers has more than 100 entries');
  set.carriers.forEach(({ carrier, words }, at) => {
    if (!/^[a-z0-9-]{1,30}$/.test(carrier)) wrong(`carriers[${at}].carrier is no code of a carrier`);
    if (words.length === 0 || words.length > 30 || words.some((word) => word.trim() === '' || word.length > 40)) wrong(`carriers[${at}].words has 1 to 30 words of up to 40 characters`);
  });
  const compiled = set.rules.map((one, at) => compileRule(one, at, set, check));
  return (remark) => {
    const clauses = clausesOf(remark);
    if (clauses.length === 0) return [];
    const tags = new Set<string>();
    for (const { tag, tries } of compiled) {
      for (const { carrier, any, unless } of tries) {
        if (clauses.some((clause) => any.test(clause) && unless?.test(clause) !== true)) tags.add(tag.replace('{carrier}', carrier));
      }
    }
    return [...tags];
  };
};

/** Wishes stand side by side: "发顺丰，不要圆通". */
const clausesOf = (remark: string): readonly string[] =>
  remark.slice(0, longestRemark).normalize('NFKC').replaceAll('’', "'").toLowerCase().split(/[,，。！!？?;；\n\r~]|\.(?:\s|$)/u).map((clause) => clause.trim().replace(/\s+/gu, ' ')).filter((clause) => clause !== '');

// As much as a card has room for.
const longestCard = 300;

const giftTexts = [
  /(?:贺卡|祝福卡|卡片|留言卡|祝福语|贺词|卡)[^:：“"写]{0,6}(?:写上?|内容)?\s*[:：]?\s*["“]?([^]+?)["”]?$/u,
  /(?:card|note|message)\s*(?:saying|that says|with)?\s*:?\s*["“]?([^]+?)["”]?$/iu,
];

/** What is to stand on the card; "" where no text can be told from the rest. */
export const giftMessageOf = (remark: string): string => {
  const text = remark.slice(0, longestRemark).trim();
  for (const form of giftTexts) {
    const found = form.exec(text)?.[1]?.trim() ?? '';
    if (found !== '' && /\p{L}/u.test(found)) return Array.from(found).slice(0, longestCard).join('');
  }
  return '';
};
