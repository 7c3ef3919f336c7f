import { allPostcodes, findPostcode } from 'malaysia-postcodes';
import { ownOf } from '@flotilla/values';
import { postcodeValidator, postcodeValidatorExistsForCountry } from 'postcode-validator';

/** A first-level division: its ISO 3166-2 code and how it is called. */
export interface State {
  readonly code: string;
  readonly name: string;
}

const key = (text: string): string => text.normalize('NFKD').toLowerCase().replace(/[^\p{L}]/gu, '');

// With the first three digits of their ZIP codes, as the Postal Service gives them out.
const us =
  'AL Alabama 350-369|AK Alaska 995-999|AZ Arizona 850-865|AR Arkansas 716-729|CA California 900-961|CO Colorado 800-816|CT Connecticut 060-069|DE Delaware 197-199|DC District of Columbia 200-205,569|FL Florida 320-349|' +
  'GA Georgia 300-319,398-399|HI Hawaii 967-968|ID Idaho 832-838|IL Illinois 600-629|IN Indiana 460-479|IA Iowa 500-528|KS Kansas 660-679|KY Kentucky 400-427|LA Louisiana 700-714|ME Maine 039-049|MD Maryland 206-219|' +
  'MA Massachusetts 010-027,055|MI Michigan 480-499|MN Minnesota 550-567|MS Mississippi 386-397|MO Missouri 630-658|MT Montana 590-599|NE Nebraska 680-693|NV Nevada 889-898|NH New Hampshire 030-038|NJ New Jersey 070-089|' +
  'NM New Mexico 870-884|NY New York 005,100-149|NC North Carolina 270-289|ND North Dakota 580-588|OH Ohio 430-459|OK Oklahoma 730-732,734-749|OR Oregon 970-979|PA Pennsylvania 150-196|PR Puerto Rico 006-007,009|' +
  'RI Rhode Island 028-029|SC South Carolina 290-299|SD South Dakota 570-577|TN Tennessee 370-385|TX Texas 733,750-799,885|UT Utah 840-847|VT Vermont 050-054,056-059|VA Virginia 201,220-246|WA Washington 980-994|' +
  'WV West Virginia 247-268|WI Wisconsin 530-549|WY Wyoming 820-831,834|AA Armed Forces Americas 340|AE Armed Forces Europe 090-098|AP Armed Forces Pacific 962-966|GU Guam 969|VI Virgin Islands 008|AS American Samoa 967|MP Northern Mariana Islands 969';
const states = us.split('|').map((line) => {
  const [, code, name, ranges] = /^(\w\w) (.+) ([\d,-]+)$/.exec(line)!;
  return { code: `US-${code}`, name: name!, ranges: ranges!.split(',').map((range) => range.split('-').map(Number)) };
});
const usForms: Readonly<Record<string, string>> = { calif: 'CA', cali: 'CA', mass: 'MA', penn: 'PA', tex: 'TX', fla: 'FL', ill: 'IL', mich: 'MI', wash: 'WA', washingtondc: 'DC', ariz: 'AZ', colo: 'CO', conn: 'CT', minn: 'MN', tenn: 'TN', wisc: 'WI', ore: 'OR', nyc: 'NY' };

const my: Readonly<Record<string, State>> = Object.fromEntries(
  'Johor 01|Kedah 02|Kelantan 03|Melaka 04|Negeri Sembilan 05|Pahang 06|Pulau Pinang 07|Perak 08|Perlis 09|Selangor 10|Terengganu 11|Sabah 12|Sarawak 13|Kuala Lumpur 14|Labuan 15|Putrajaya 16'.split('|').map((line) => {
    const name = line.slice(0, -3);
    return [key(name), { code: `MY-${line.slice(-2)}`, name }];
  }),
);
const myForms: Readonly<Record<string, string>> = { penang: 'pulaupinang', malacca: 'melaka', johore: 'johor', ninesembilan: 'negerisembilan', nsembilan: 'negerisembilan', trengganu: 'terengganu', kl: 'kualalumpur' };

/** By its name or code, whatever it is written as; undefined: none is called so. */
export const stateOf = (country: string, text: string): State | undefined => {
  const plain = key(text);
  if (plain === '') return undefined;
  if (country === 'US') {
    const code = (ownOf(usForms, plain) ?? plain).toUpperCase();
    return states.find((one) => one.code === `US-${code}`) ?? states.find(({ name }) => key(name) === plain);
  }
  const bare = plain.replace(/^(?:wilayahpersekutuan|wp|federalterritoryof)/u, '');
  return ownOf(my, ownOf(myForms, bare) ?? bare);
};

/** Where a postcode is: several states share the prefixes of military mail and of some islands. */
export const statesOfPostcode = (country: string, postcode: string): readonly State[] => {
  if (country === 'US') {
    const prefix = Number(/^(\d{3})\d{2}(?:-?\d{4})?$/.exec(postcode)?.[1] ?? Number.NaN);
    return states.filter(({ ranges }) => ranges.some(([from, to = from]) => prefix >= from! && prefix <= to!));
  }
  const { found, state } = /^\d{5}$/.test(postcode) ? findPostcode(postcode) : { found: false, state: undefined };
  const one = found && typeof state === 'string' ? stateOf('MY', state) : undefined;
  return one === undefined ? [] : [one];
};

/** The state of a city of Malaysia, if only one has a city that is called so. */
export const stateOfCity = (city: string): State | undefined => {
  const wanted = key(city);
  const holding = allPostcodes.filter((state) => state.city.some((one) => key(one.name) === wanted));
  return holding.length === 1 ? stateOf('MY', holding[0]!.name) : undefined;
};

/** A postcode in the form that its country writes; undefined: it is none of that country. Countries without a form take any. */
export const postcodeOf = (country: string, text: string): string | undefined => {
  const plain = text.normalize('NFKC').trim().toUpperCase().replace(/\s+/g, ' ');
  if (plain === '' || !postcodeValidatorExistsForCountry(country)) return plain;
  const packed = plain.replace(/[\s-]/g, '');
  const forms: Readonly<Record<string, string>> = {
    PL: packed.replace(/^(\d{2})(\d{3})$/, '$1-$2'), PT: packed.replace(/^(\d{4})(\d{3})$/, '$1-$2'), NL: packed.replace(/^(\d{4})([A-Z]{2})$/, '$1 $2'), GB: packed.replace(/^(.+)(\d[A-Z]{2})$/, '$1 $2'), SE: packed.replace(/^(\d{3})(\d{2})$/, '$1 $2'),
    CZ: packed.replace(/^(\d{3})(\d{2})$/, '$1 $2'), SK: packed.replace(/^(\d{3})(\d{2})$/, '$1 $2'), GR: packed.replace(/^(\d{3})(\d{2})$/, '$1 $2'), CA: packed.replace(/^([A-Z]\d[A-Z])(\d[A-Z]\d)$/, '$1 $2'), US: packed.replace(/^(\d{5})(\d{4})$/, '$1-$2'), JP: packed.replace(/^(\d{3})(\d{4})$/, '$1-$2'), BR: packed.replace(/^(\d{5})(\d{3})$/, '$1-$2'),
  };
  return [forms[country], plain, packed].find((form) => form !== undefined && postcodeValidator(form, country));
};
