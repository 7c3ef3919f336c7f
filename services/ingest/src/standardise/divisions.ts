import { areaList } from '@vant/area-data';
import { pinyin } from 'pinyin-pro';
import { formerNames, shortNames } from './former-names.js';

export type Level = 0 | 1 | 2;

/** A division of China as GB/T 2260 has it: a province, a city (prefecture), a district or county. */
export interface Division {
  readonly code: string;
  readonly name: string;
  readonly level: Level;
  /** The city's code, the province's; "" of a province. */
  readonly parent: string;
}

/** A name that somebody may have written, and what it may stand for. `how`: FULL as it is called, SHORT without its kind, FORMER as it was called. */
export interface Named {
  readonly division: Division | undefined;
  readonly how: 'FULL' | 'SHORT' | 'FORMER';
  /** FORMER: the city or province in which it was called so. */
  readonly within: string;
}

const ethnic = '汉|蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各';
const peoples = new RegExp(`(?:(?:${ethnic})族|蒙古|维吾尔|哈萨克|柯尔克孜)+(?=自治)|(?:(?:${ethnic})族)+$`, 'u');
const kinds: Readonly<Record<Level, RegExp>> = { 0: /(?:特别行政区|自治区|省|市)$/u, 1: /(?:自治州|地区|盟|市)$/u, 2: /(?:自治县|自治旗|林区|特区|新区|区|县|市|旗)$/u };
/** Zones that have an office, and no place in GB/T 2260: whoever writes one still lives in a district that he does not name. */
const zones = /开发区|高新|园区|示范区|实验区|管理区|管委会|功能区|产业园|保税|生态园|松山湖|东莞港|学院$|其它区|^市辖区$|^县$|直辖县/u;
// Their towns stand where other cities have districts: an address names them, a zone does not.
const withoutDistricts = /^(?:4419|4420|4604|6202)/;
/** A county that stands directly under its province is its own city. */
const direct = /^(?:4190|4290|4690|6590)/;

const all = new Map<string, Division>();
const take = (list: Readonly<Record<string, string>>, level: Level): void => {
  for (const [code, name] of Object.entries(list)) {
    if (zones.test(name) || (level === 2 && withoutDistricts.test(code))) continue;
    if (level === 2 && direct.test(code)) all.set(code, { code, name, level: 1, parent: `${code.slice(0, 2)}0000` });
    // Chongqing's counties are under its city like its districts.
    else all.set(code, { code, name, level, parent: level === 0 ? '' : level === 1 ? `${code.slice(0, 2)}0000` : code.startsWith('5002') ? '500100' : `${code.slice(0, 4)}00` });
  }
};
take(areaList.province_list, 0);
take(areaList.city_list, 1);
take(areaList.county_list, 2);

export const division = (code: string): Division | undefined => all.get(code);

const families = Map.groupBy(all.values(), ({ parent }) => parent);
/** What is directly within it, "" : the provinces. */
export const within = (code: string): readonly Division[] => families.get(code) ?? [];

/** Whether it is this one or somewhere within it. */
export const isWithin = (one: Division, code: string): boolean => one.code === code || (one.parent !== '' && isWithin(all.get(one.parent)!, code));

/** Without its kind and the peoples in its name: "恩施土家族苗族自治州" → "恩施". */
export const bare = ({ name, level }: Pick<Division, 'name' | 'level'>): string => {
  const plain = name.replace(peoples, '').replace(kinds[level], '').replace(peoples, '');
  return plain.length > 1 ? plain : name;
};

const index = new Map<string, Named[]>();
let longestName = 0;
const name = (text: string, named: Named): void => {
  longestName = Math.max(longestName, text.length);
  const known = index.get(text);
  if (known === undefined) index.set(text, [named]);
  else if (!known.some(({ division: one, within: where }) => one === named.division && where === named.within)) known.push(named);
};
for (const one of all.values()) name(one.name, { division: one, how: 'FULL', within: '' });
for (const one of all.values()) {
  const short = bare(one);
  if (short !== one.name) name(short, { division: one, how: 'SHORT', within: '' });
  if (/自治[州县旗]$/u.test(one.name)) name(`${short}${one.name.at(-1)}`, { division: one, how: 'SHORT', within: '' });
  if (one.level === 0 && one.name.endsWith('自治区')) name(`${short}自治区`, { division: one, how: 'SHORT', within: '' });
  if (one.level === 0 && one.name.endsWith('特别行政区')) name(`${short}特区`, { division: one, how: 'SHORT', within: '' });
}
for (const [text, code] of shortNames) name(text, { division: all.get(code), how: 'SHORT', within: '' });
for (const [where, text, now] of formerNames) name(text, { division: all.get(now), how: 'FORMER', within: where });

/** What a name may stand for; none for a text that is no name. */
export const named = (text: string): readonly Named[] => index.get(text) ?? [];
export const longest = longestName;

/** Divisions whose name begins so, in Chinese (with or without its kind) or in Latin letters; within the place that is given. The shorter name first. */
export const beginning = (text: string, level: Level, place: string): readonly Division[] => {
  const latin = /^[a-z]/i.test(text) ? text.toLowerCase().replace(/[^a-z]/g, '') : '';
  const candidates = level === 0 ? within('') : place === '' ? [...all.values()].filter((one) => one.level === level) : [...all.values()].filter((one) => one.level === level && isWithin(one, place));
  // Sounds of all of China would take a second: without a place Latin letters find provinces alone.
  const fits = (one: Division): boolean => (latin === '' ? one.name.startsWith(text) : (place !== '' || level === 0) && latinOf(one).startsWith(latin));
  return candidates.filter(fits).toSorted((a, b) => a.name.length - b.name.length || (a.code < b.code ? -1 : 1));
};

const sounds = new Map<string, string>();
/** How it is pronounced: "杭州市" and "杭洲市" sound alike, as does what is written in traditional characters. */
export const soundOf = (text: string, tones: boolean): string => {
  const key = `${tones ? 1 : 0}${text}`;
  const known = sounds.get(key);
  if (known !== undefined) return known;
  const sound = pinyin(text, { toneType: tones ? 'num' : 'none', type: 'array' }).join(tones ? ' ' : '').replaceAll('ü', 'v').toLowerCase();
  if (sounds.size >= 20_000) sounds.clear();
  sounds.set(key, sound);
  return sound;
};

/** In Latin letters, as shops abroad write it: without its kind. */
export const latinOf = (one: Division): string => soundOf(bare(one), false).replace(/[^a-z]/g, '');
