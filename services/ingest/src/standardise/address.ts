import { addressFlags, provinceKey as keyOfProvince, type AddressFlag } from '@flotilla/values';
import { postcodeOf, stateOf, stateOfCity, statesOfPostcode, type State } from './abroad.js';
import { placeOf, tidy } from './chinese.js';
import { bare, type Division } from './divisions.js';
import { phoneKind, type PhoneKind } from './phones.js';
import { isVague } from './vague.js';

/** As the platform gave it, in clear. */
export interface GivenAddress {
  readonly country: string;
  readonly province: string;
  readonly city: string;
  readonly district: string;
  readonly postcode: string;
  readonly street: string;
  readonly phone: string;
  /** Of a recipient whom the platform masks: its e-waybill wants every name as the platform wrote it. */
  readonly token?: string;
}

export type { AddressFlag };

// As they are told.
const inOrder = Object.keys(addressFlags) as readonly AddressFlag[];

/** A readable field (never street, name or phone) that the order carries in another form than the platform gave. */
export interface AddressChange {
  readonly field: 'province' | 'city' | 'district' | 'postcode';
  readonly from: string;
  readonly to: string;
}

export interface Standardised {
  /** By its standard names; "" where it cannot be told. `code`: GB/T 2260 of the lowest that is known, ISO 3166-2 elsewhere. */
  readonly region: { readonly country: string; readonly province: string; readonly city: string; readonly district: string; readonly code: string };
  /** How sure each field is, in percent; 0: it cannot be told. */
  readonly confidence: { readonly province: number; readonly city: number; readonly district: number; readonly postcode: number };
  readonly postcode: string;
  readonly phone: PhoneKind;
  readonly flags: readonly AddressFlag[];
  /** What the order carries instead of what was given: only what is sure, and what others would not take for the same. */
  readonly changes: readonly AddressChange[];
}

const longest = 400;
const provinces = new Map<string, string>();
const provinceKey = (province: string): string => {
  const known = provinces.get(province);
  if (known !== undefined) return known;
  if (provinces.size >= 1_000) provinces.clear();
  const key = keyOfProvince('CN', province);
  provinces.set(province, key);
  return key;
};

/** From here on a field takes the place of what was given. */
const sureEnough = 88;

// China's first two digits of a postcode, by province.
const postal: Readonly<Record<string, string>> = {
  北京: '10', 上海: '20', 天津: '30', 重庆: '40', 内蒙古: '01 02', 山西: '03 04', 河北: '05 06 07', 辽宁: '11 12', 吉林: '13', 黑龙江: '15 16', 江苏: '21 22', 安徽: '23 24', 山东: '25 26 27', 浙江: '31 32', 江西: '33 34', 福建: '35 36', 湖南: '41 42', 湖北: '43 44', 河南: '45 46 47',
  广东: '51 52', 广西: '53 54', 贵州: '55 56', 海南: '57', 四川: '61 62 63 64', 云南: '65 66 67', 陕西: '71 72', 甘肃: '73 74', 宁夏: '75', 青海: '81', 新疆: '83 84', 西藏: '85 86',
};

/** What an address says, in the words of the divisions that there are; nothing is made up, and what is changed is told. Texts are read up to 400 characters. */
export const standardise = (address: GivenAddress): Standardised => {
  const given = { ...address, province: address.province.slice(0, longest), city: address.city.slice(0, longest), district: address.district.slice(0, longest), street: address.street.slice(0, longest), postcode: address.postcode.slice(0, 40) };
  switch (given.country) {
    case 'CN':
    case 'HK':
    case 'MO':
    case 'TW':
      return inChina(given);
    default:
      return abroad(given);
  }
};

const countries: Readonly<Record<string, string>> = { 71: 'TW', 81: 'HK', 82: 'MO' };
// Areas of Hong Kong and Macau are no level of an address: what stands below them is the district.
const unnamedCity = /^(?:8[12])/;

const inChina = (given: GivenAddress): Standardised => {
  const outside: Readonly<Record<string, string>> = { HK: '香港特别行政区', MO: '澳门特别行政区', TW: '台湾省' };
  const { found, flags: placed, rest } = placeOf({ ...given, province: given.province || (outside[given.country] ?? '') });
  const divisions = ([0, 1, 2] as const).map((level) => found[level]?.division).filter((one): one is Division => one !== undefined);
  const nameOf = (level: 0 | 1 | 2): string => (level === 1 && unnamedCity.test(found[1]?.division.code ?? '') ? '' : (found[level]?.division.name ?? ''));
  const country = countries[divisions[0]?.code.slice(0, 2) ?? ''] ?? (given.country || 'CN');
  const region = { country, province: nameOf(0), city: cityName(nameOf(1), nameOf(0)), district: nameOf(2), code: divisions.at(-1)?.code ?? '' };
  const flags = new Set<AddressFlag>(placed);
  // Of Hong Kong and Macau the city is the region itself, and Taiwan's are written in letters that nobody here reads ("Hsinchu").
  if (country !== 'CN') flags.delete('AMBIGUOUS');
  const mended = given.postcode.normalize('NFKC').replace(/[\s-]/g, '').replace(/[oO]/g, '0').replace(/[lI]/g, '1');
  const area = postal[provinceKey(region.province)];
  const right = country !== 'CN' ? true : mended === '' || (/^\d{6}$/.test(mended) && !/^0+$/.test(mended) && (area === undefined || area.split(' ').includes(mended.slice(0, 2))));
  if (!right) flags.add('POSTCODE_WRONG');
  return finished(given, { region, rest, flags, postcode: right && country === 'CN' ? mended : given.postcode, postcodeSure: mended === '' || !right ? 0 : area === undefined ? 60 : 95, sure: (level) => (level === 1 && region.city === '' ? 0 : (found[level]?.confidence ?? 0)) });
};

/** "重庆市" for its counties, too. */
const cityName = (city: string, province: string): string => (city === '县' ? province : city);

const abroad = (given: GivenAddress): Standardised => {
  const { country } = given;
  const flags = new Set<AddressFlag>();
  const postcode = country === '' ? given.postcode : postcodeOf(country, given.postcode);
  if (given.postcode !== '' && postcode === undefined) flags.add('POSTCODE_WRONG');
  let [state, sure]: [State | undefined, number] = [undefined, 0];
  if (country === 'US' || country === 'MY') {
    const written = stateOf(country, given.province);
    const tail = country === 'US' ? /\b([A-Z]{2})\s+(\d{5})(?:-\d{4})?\s*$/.exec(given.street) : null;
    const byPostcode = statesOfPostcode(country, given.postcode.trim() || (tail?.[2] ?? ''));
    const byCity = country === 'MY' ? stateOfCity(given.city) : undefined;
    const told = written ?? (tail === null ? undefined : stateOf('US', tail[1]!));
    const others = [...byPostcode, ...(byCity === undefined ? [] : [byCity])];
    if (told !== undefined && byPostcode.length > 0 && !byPostcode.includes(told) && (byCity === undefined || byCity !== told)) flags.add('CONTRADICTION');
    else if (told !== undefined) [state, sure] = [told, others.includes(told) ? 99 : 95];
    else if (others.length > 0 && others.every((one) => one === others[0])) [state, sure] = [others[0], 92];
    if (given.province !== '' && written === undefined) flags.add('UNKNOWN_PLACE');
  }
  const known = country === 'US' || country === 'MY';
  const region = { country, province: known ? (state?.name ?? '') : given.province, city: given.city, district: '', code: state?.code ?? '' };
  return finished(given, { region, rest: given.street, flags, postcode: postcode ?? given.postcode, postcodeSure: given.postcode === '' || postcode === undefined ? 0 : 90, sure: (level) => (level === 0 ? (known ? sure : given.province === '' ? 0 : 70) : level === 1 && given.city !== '' ? 80 : 0) });
};

interface Read {
  readonly region: Standardised['region'];
  readonly rest: string;
  readonly flags: Set<AddressFlag>;
  readonly postcode: string;
  readonly postcodeSure: number;
  readonly sure: (level: 0 | 1 | 2) => number;
}

const finished = (given: GivenAddress, { region, rest, flags, postcode, postcodeSure, sure }: Read): Standardised => {
  const masked = (given.token ?? '') !== '';
  if (!masked && isVague(rest)) flags.add('VAGUE');
  if (!masked && rest.trim() === '') flags.add('INCOMPLETE');
  const phone = phoneKind(given.phone, region.country);
  if (phone === 'WRONG') flags.add('PHONE_WRONG');
  if (phone === 'VIRTUAL') flags.add('PHONE_VIRTUAL');
  const confidence = { province: sure(0), city: sure(1), district: sure(2), postcode: postcodeSure };
  const changes: AddressChange[] = [];
  const change = (field: AddressChange['field'], to: string, same: boolean): void => {
    const from = given[field];
    if (to !== '' && to !== from && !same && confidence[field] >= sureEnough) changes.push({ field, from, to });
  };
  if (!masked) {
    // There addresses are written in their own way, and go out as they came.
    const abroad = ['HK', 'MO', 'TW'].includes(given.country);
    for (const field of abroad ? [] : (['province', 'city', 'district'] as const)) change(field, region[field], alike(given.country, field, given[field], region[field]));
    change('postcode', postcode, given.postcode === '');
  }
  return { region, confidence, postcode, phone, flags: inOrder.filter((flag) => flags.has(flag)), changes };
};

/** Whether routing, lanes and rate cards take the two for the same place already; "Shenzhen" stays as its shop writes it. */
const alike = (country: string, field: 'province' | 'city' | 'district', given: string, standard: string): boolean => {
  const written = tidy(given);
  if (written === '') return false;
  if (country !== 'CN') return country === 'US' || country === 'MY' ? field !== 'province' || stateOf(country, given)?.name === standard : true;
  if (/^[\p{Script=Latin}\p{P}\s]+$/u.test(written)) return true;
  return field === 'province' ? provinceKey(written) === provinceKey(standard) : written === standard || written === bare({ name: standard, level: field === 'city' ? 1 : 2 });
};

/** The address with what was changed in it: what the order carries. */
export const changed = <A extends Pick<GivenAddress, AddressChange['field']>>(address: A, changes: readonly AddressChange[]): A => ({ ...address, ...Object.fromEntries(changes.map(({ field, to }) => [field, to])) });
