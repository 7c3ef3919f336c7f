import { provinceKey } from '@flotilla/values';
import { bare, division, isWithin, latinOf, longest, named, soundOf, within, type Division, type Level, type Named } from './divisions.js';

/** What is known of where it goes: a division per level, how sure that is (percent), and what had to be done to know it. */
export interface Placed {
  readonly found: Readonly<Record<Level, { readonly division: Division; readonly confidence: number } | undefined>>;
  readonly flags: ReadonlySet<PlaceFlag>;
  /** Of the street, what stands behind the divisions that it repeats. */
  readonly rest: string;
}

/** CONTRADICTION: what was given cannot all be true. AMBIGUOUS: several places are called so. FORMER_NAME, MISSPELT: it was read as what it must mean. */
export type PlaceFlag = 'CONTRADICTION' | 'AMBIGUOUS' | 'FORMER_NAME' | 'MISSPELT' | 'UNKNOWN_PLACE';

export interface GivenPlace {
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly street: string;
}

/** Half-width, and the characters that look like a division's kind. */
export const tidy = (text: string): string => {
  if (text.length > 24) return tidied(text);
  const known = tidyNames.get(text);
  if (known !== undefined) return known;
  if (tidyNames.size >= 10_000) tidyNames.clear();
  const tidy = tidied(text);
  tidyNames.set(text, tidy);
  return tidy;
};

// The names of a few hundred places come with every order, and normalising one costs microseconds.
const tidyNames = new Map<string, string>();
const tidied = (text: string): string => text.normalize('NFKC').replace(/[巿區縣]/gu, (one) => (one === '巿' ? '市' : one === '區' ? '区' : '县')).replace(/\s+/gu, ' ').trim();

const labels = /^.{0,60}?(?:地址|寄到)\s*:\s*/u;
const country = /^(?:中华人民共和国|中国大陆|中国)/u;
const gaps = /^[\s,，、;。.\-—_/|·【】[\]()"'“”:：]+/u;
/** Behind a name without its kind: it is a street that is called after the place. */
const streetOf = /^(?:[东西南北中]?(?:[一二三四五六七八九十]?(?:路|街|道|巷|弄|里|桥)|大道|大街|胡同|广场|大厦|花园|花苑|小区|公寓|大楼|饭店|酒店|大酒店|宾馆|商城|商场|公园|中心|大学|医院|车站|机场|门|苑|府|城|家园|公馆|楼))/u;
const kindBehind = /^(?:省|市|区|县|州|盟|旗)/u;
const town = /^(?:街道|镇|乡|村|社区)/u;

interface Hit {
  readonly level: Level;
  readonly text: string;
  readonly how: Named['how'] | 'ALIKE';
  readonly among: readonly Division[];
  /** Of a former name that is several now, or of which it is known in which city. */
  readonly within: string;
}

/** Reads divisions from the beginning of texts, each lower than the one before, and gathers what they may be. */
class Reading {
  readonly hits: Hit[] = [];
  #misspelt = false;

  get misspelt(): boolean {
    return this.#misspelt;
  }

  at(level: Level): Hit | undefined {
    return this.hits.find((hit) => hit.level === level);
  }

  /** What stands behind the divisions with which the text begins. `strict`: the fields have said all that short names could. */
  read(text: string, { from = 0, strict = false, field }: { readonly from?: Level; readonly strict?: boolean; readonly field?: Level } = {}): string {
    let rest = tidy(text);
    if (field === undefined) rest = rest.replace(labels, '');
    for (let turn = 0; turn < 12; turn++) {
      rest = rest.replace(gaps, '').replace(country, '');
      const next = this.#next(rest, from, strict, field);
      if (next === undefined) break;
      rest = rest.slice(next);
    }
    return rest.replace(gaps, '');
  }

  /** How long the name is with which it begins; undefined: it begins with none. */
  #next(text: string, from: Level, strict: boolean, field: Level | undefined): number | undefined {
    for (let length = Math.min(longest, text.length); length > 0; length--) {
      const part = text.slice(0, length);
      const meant = named(part);
      if (meant.length === 0) continue;
      const behind = text.slice(length);
      // "杭州" of "杭州市": the longer name was no name of a place, as in "朝阳市区".
      if (length === 1 && field !== 0 && !/^[\s,，/\-|]/u.test(behind)) continue;
      const took = this.#take(part, meant, behind, from, strict, field);
      if (took) return length;
    }
    return this.#alike(text, field);
  }

  #take(text: string, meant: readonly Named[], behind: string, from: Level, strict: boolean, field: Level | undefined): boolean {
    const lowest = this.hits.at(-1)?.level ?? -1;
    const shortOk = !town.test(behind) && (field !== undefined || (!streetOf.test(behind) && (!kindBehind.test(behind) || behind.startsWith('市'))));
    const usable = meant.filter(({ how, division: one }) => (how === 'SHORT' ? shortOk && (!strict || this.#repeats(one!)) : true));
    for (const level of [0, 1, 2] as const) {
      if (level < from && field === undefined) continue;
      const known = this.at(level);
      const here = usable.filter((one) => levelOf(one) === level);
      if (here.length === 0) continue;
      const full = here.filter(({ how }) => how === 'FULL');
      const chosen = full.length > 0 ? full : here;
      if (known !== undefined) {
        // Said again: "上海市上海市", or the street begins with what the fields say.
        if (known.among.some((one) => chosen.some(({ division: other }) => other === one))) return usable.every((one) => levelOf(one) <= level) || this.#repeated(text, level, usable);
        continue;
      }
      if (level < lowest) continue;
      // A district by its short name alone could be anything: "和平", "新华".
      if (level === 2 && field === undefined && this.hits.length === 0 && full.length === 0) continue;
      const former = chosen.filter(({ how }) => how === 'FORMER');
      const within = this.#within(chosen.flatMap(({ division: one }) => (one === undefined ? [] : [one])), level);
      if (former.length === chosen.length) return this.#former(text, level, former);
      // What fits to what was read before goes first; a short name that does not fit is none here.
      if (within.length === 0 && full.length === 0 && field === undefined) continue;
      // A name of before that fits is meant, if today's bearers of it do not.
      if (within.length === 0) {
        const past = named(text).filter((one) => one.how === 'FORMER' && levelOf(one) === level && this.#fits(one));
        if (past.length > 0) return this.#former(text, level, past);
        if (level === 2 && this.#alikeWithin(text)) return true;
        // Neither a town ("中山市东区街道") nor a zone ("唐山海港经济开发区") is the district elsewhere that it begins like.
        if (level === 2 && this.at(1) !== undefined && (full.length === 0 ? behind !== '' : town.test(behind))) continue;
      }
      this.hits.push({ level, text, how: full.length > 0 ? 'FULL' : 'SHORT', among: within.length > 0 ? within : chosen.flatMap(({ division: one }) => (one === undefined ? [] : [one])), within: '' });
      return true;
    }
    return false;
  }

  /** One name for two levels ("吉林吉林", "北京北京市"): the second time it is the lower one. */
  #repeated(text: string, level: Level, usable: readonly Named[]): boolean {
    const lower = usable.filter((one) => levelOf(one) > level && this.at(levelOf(one)) === undefined);
    if (lower.length === 0) return true;
    const next = Math.min(...lower.map(levelOf)) as Level;
    const fitting = this.#within(lower.filter((one) => levelOf(one) === next).flatMap(({ division: one }) => (one === undefined ? [] : [one])), next);
    if (fitting.length > 0) this.hits.push({ level: next, text, how: 'FULL', among: fitting, within: '' });
    return true;
  }

  #repeats(one: Division): boolean {
    return this.hits.some(({ among }) => among.includes(one));
  }

  #former(text: string, level: Level, former: readonly Named[]): boolean {
    const fitting = former.filter((one) => this.#fits(one));
    const meant = fitting.length > 0 ? fitting : former;
    if (fitting.length === 0 && this.hits.some((hit) => hit.level < level)) return false;
    if (meant.some(({ division: one }) => one === undefined)) this.hits.push({ level, text, how: 'FORMER', among: [], within: meant[0]!.within });
    else this.hits.push({ level, text, how: 'FORMER', among: [...new Set(meant.map(({ division: one }) => one!))], within: '' });
    return true;
  }

  #fits({ within: where }: Named): boolean {
    const place = division(where);
    const above = this.hits.filter(({ among }) => among.length > 0);
    return place !== undefined && above.length > 0 && above.every(({ among }) => among.some((one) => isWithin(place, one.code) || isWithin(one, place.code)));
  }

  #within(candidates: readonly Division[], level: Level): readonly Division[] {
    return this.hits.filter((hit) => hit.level < level && hit.among.length > 0).reduce<readonly Division[]>((left, { among }) => left.filter((one) => among.some(({ code }) => isWithin(one, code))), candidates);
  }

  /** Nothing is called so; but within the place that is known, something sounds or looks like it. */
  #alike(text: string, field: Level | undefined): number | undefined {
    const parent = this.hits.findLast(({ among }) => among.length > 0);
    const chunks = field !== undefined && text.length <= 8 ? [text] : [];
    for (const match of [/^[\p{Script=Han}]{1,8}?(?:自治区|自治州|地区|省|市|区|县|旗|盟|州)(?![省市区县])/u.exec(text)?.[0]]) if (match !== undefined) chunks.push(match);
    for (const chunk of chunks) {
      if (chunk.length < 2 || !/^\p{Script=Han}+$/u.test(chunk) || (named(chunk).length > 0 && field === undefined)) continue;
      if (parent === undefined) {
        // A province alone can be told by its sound, for there are few: "廣東省".
        const [one, ...others] = within('').filter((province) => [province.name, bare(province)].includes(chunk) || soundOf(province.name, true) === soundOf(chunk, true) || (chunk.length > 1 && soundOf(bare(province), true) === soundOf(chunk, true)));
        if (one === undefined || others.length > 0) continue;
        this.hits.push({ level: 0, text: chunk, how: 'ALIKE', among: [one], within: '' });
        this.#misspelt = true;
        return chunk.length;
      }
      if (this.#alikeWithin(chunk)) return chunk.length;
    }
    return undefined;
  }

  #alikeWithin(chunk: string): boolean {
    const parents = this.hits.findLast(({ among }) => among.length > 0)?.among ?? [];
    const level = (parents[0]?.level ?? 0) + 1;
    if (parents.length === 0 || level > 2 || this.at(level as Level) !== undefined) return false;
    const children = parents.flatMap(({ code }) => within(code));
    const sounding = children.filter((one) => soundOf(one.name, true) === soundOf(chunk, true) || soundOf(bare(one), true) === soundOf(chunk, true));
    // A name that somewhere else is called so was not misspelt: it is the wrong one.
    const looking = named(chunk).some(({ how }) => how === 'FULL') ? [] : children.filter((one) => differ(one.name, chunk) === 1 && one.name.length > 2 && one.name.at(-1) === chunk.at(-1));
    const [one, ...others] = sounding.length > 0 ? sounding : looking;
    if (one === undefined || others.length > 0) return false;
    this.hits.push({ level: one.level, text: chunk, how: 'ALIKE', among: [one], within: '' });
    this.#misspelt = true;
    return true;
  }
}

const levelOf = ({ division: one, within: where }: Named): Level => (where === '' ? one!.level : where.endsWith('0000') ? 1 : 2);

const differ = (a: string, b: string): number => (a.length === b.length ? Array.from(a).filter((character, n) => character !== b[n]).length : Number.POSITIVE_INFINITY);

const latin = (text: string): boolean => /^[\p{Script=Latin}\s'.,()-]+$/u.test(text) && /\p{L}/u.test(text);
const latinKey = (text: string): string => {
  const whole = text.normalize('NFKD').toLowerCase();
  // Xian is a county, and a city.
  return whole.replace(/\b(?:city|prefecture|district|county|new area|shi|qu|xian|sheng|province)\b/g, '').replace(/[^a-z]/g, '') || whole.replace(/[^a-z]/g, '');
};

/** As shops abroad write it: "Guangdong", "Shenzhen", "Nanshan District". */
const fromLatin = ({ province, city, district, street }: GivenPlace, reading: Reading): void => {
  const add = (level: Level, text: string, among: readonly Division[]): void => {
    if (among.length > 0) reading.hits.push({ level, text, how: 'FULL', among, within: '' });
  };
  const key = provinceKey('CN', province);
  if (province !== '') add(0, province, within('').filter((one) => provinceKey('CN', one.name) === key));
  const cities = (reading.at(0)?.among ?? within('')).flatMap(({ code }) => within(code));
  if (city !== '') add(1, city, cities.filter((one) => latinOf(one) === latinKey(city)));
  const told = district !== '' ? district : (/([A-Z][\p{L}']+(?:\s[A-Z][\p{L}']+)?)\s+(?:District|County|Qu)\b/u.exec(street)?.[1] ?? '');
  const districts = (reading.at(1)?.among ?? []).flatMap(({ code }) => within(code));
  if (told !== '') add(2, told, districts.filter((one) => latinOf(one) === latinKey(told)));
};

/** Where an address in China goes, by all that it says. Nothing is guessed: what cannot be told is not answered. */
export const placeOf = (given: GivenPlace): Placed => {
  const { province, city, district, street } = given;
  const reading = new Reading();
  const flags = new Set<PlaceFlag>();
  const fields = [province, city, district].map(tidy);
  let rest: string;
  if (fields.some((one) => one !== '') && fields.every((one) => one === '' || latin(one))) {
    fromLatin(given, reading);
    rest = tidy(street);
  } else {
    const left = [province, city, district].map((text, level) => (text.trim() === '' || /^(?:市辖区|县|省直辖.*|自治区直辖.*)$/u.test(tidy(text)) ? '' : reading.read(text, { field: level as Level })));
    // A field that names no place says something else, or a place that nobody knows.
    if (left.some((text, level) => text !== '' && reading.at(level as Level) === undefined)) flags.add('UNKNOWN_PLACE');
    rest = reading.read(street, { strict: reading.at(1) !== undefined });
  }
  if (reading.misspelt) flags.add('MISSPELT');
  if (reading.hits.some(({ how }) => how === 'FORMER')) flags.add('FORMER_NAME');
  return { ...resolve(reading, flags), rest };
};

type Found = Placed['found'];
// Beijing, Tianjin, Shanghai, Chongqing are their own cities.
const municipality = /^(?:11|12|31|50)/;
const sure: Readonly<Record<Hit['how'], number>> = { FULL: 99, SHORT: 96, FORMER: 93, ALIKE: 88 };

const resolve = (reading: Reading, flags: Set<PlaceFlag>): Pick<Placed, 'found' | 'flags'> => {
  const [p, c, d] = [reading.at(0), reading.at(1), reading.at(2)];
  const found: Record<Level, { division: Division; confidence: number } | undefined> = { 0: undefined, 1: undefined, 2: undefined };
  const tell = (one: Division, confidence: number): void => {
    found[one.level] ??= { division: one, confidence };
    if (one.parent !== '') tell(division(one.parent)!, Math.min(99, confidence + 1));
  };
  const fits = (one: Division, hit: Hit | undefined): boolean => hit === undefined || hit.among.length === 0 || hit.among.some(({ code }) => isWithin(one, code));
  const done = (): { found: Found; flags: Set<PlaceFlag> } => ({ found, flags });
  const districts = (d?.among ?? []).filter((one) => fits(one, c));
  const agreed = districts.filter((one) => fits(one, p));
  if (d !== undefined && d.among.length > 0) {
    if (agreed.length === 1) {
      tell(agreed[0]!, sure[d.how]);
      return done();
    }
    // City and district agree with one another, and the province with neither.
    if (c !== undefined && agreed.length === 0 && districts.length === 1) {
      tell(districts[0]!, 91);
      return done();
    }
    if (agreed.length > 1) {
      flags.add('AMBIGUOUS');
      const cities = new Set(agreed.map(({ parent }) => parent));
      if (cities.size === 1) tell(division([...cities][0]!)!, 95);
      else if (p?.among.length === 1) tell(p.among[0]!, sure[p.how]);
      return done();
    }
    flags.add('CONTRADICTION');
  }
  const cities = (c?.among ?? []).filter((one) => fits(one, p));
  if (cities.length === 1) tell(cities[0]!, flags.has('CONTRADICTION') ? 90 : sure[c!.how]);
  else if (cities.length > 1) flags.add('AMBIGUOUS');
  else if (c !== undefined) flags.add('CONTRADICTION');
  if (found[0] === undefined && p?.among.length === 1 && !(c !== undefined && cities.length === 0)) tell(p.among[0]!, sure[p.how]);
  if (found[1] === undefined && found[0] !== undefined && !flags.has('AMBIGUOUS') && !flags.has('CONTRADICTION') && municipality.test(found[0].division.code)) tell(within(found[0].division.code)[0]!, found[0].confidence);
  if (found[1] === undefined && !flags.has('CONTRADICTION')) flags.add('AMBIGUOUS');
  return done();
};
