import { isNumberOf, type CarrierManifest } from './carrier.js';

type Form = Pick<RegExp, 'test'>;

const digits = (text: string): readonly number[] => Array.from(text, Number);
const sum = (values: readonly number[], weights: readonly number[]): number => values.reduce((total, value, index) => total + value * weights[index % weights.length]!, 0);
const checked = (form: RegExp, holds: (serial: string, check: string) => boolean): Form => ({
  test: (number) => {
    const [, serial, check] = form.exec(number) ?? [];
    return serial !== undefined && check !== undefined && holds(serial, check);
  },
});
const tens = (weights: readonly number[]) => (serial: string, check: string): boolean => (10 - (sum(digits(serial), weights) % 10)) % 10 === Number(check);
const elevens = (weights: readonly number[]) => (serial: string, check: string): boolean => (sum(digits(serial), weights) % 11) % 10 === Number(check);
// Letters count from A = 2 on, which is what their code minus 3 ends in.
const ups = (serial: string, check: string): boolean => (10 - (sum(Array.from(serial, (sign) => (/\d/.test(sign) ? Number(sign) : (sign.charCodeAt(0) - 3) % 10)), [1, 2]) % 10)) % 10 === Number(check);
const postal = (serial: string, check: string): boolean => {
  const rest = 11 - (sum(digits(serial), [8, 6, 4, 2, 3, 5, 9, 7]) % 11);
  return (rest === 10 ? 0 : rest === 11 ? 5 : rest) === Number(check);
};
const upu: Form = checked(/^[A-Z]{2}(\d{8})(\d)[A-Z]{2}$/, postal);
const mod7: Form = checked(/^(\d{9,10})(\d)$/, (serial, check) => Number(BigInt(serial) % 7n) === Number(check));

/** The forms of numbers of carriers that have no folder here, for parcels that somebody else sends; with their check digits where they have them. */
export const foreignNumbers: Readonly<Record<string, readonly Form[]>> = {
  ups: [checked(/^1Z([A-Z0-9]{15})(\d)$/, ups), checked(/^[AHJKTV](\d{9})(\d)$/, tens([1, 2]))],
  fedex: [checked(/^(\d{11})(\d)$/, elevens([3, 1, 7])), checked(/^(\d{14})(\d)$/, tens([1, 3])), checked(/^96\d{5}(\d{14})(\d)$/, tens([1, 3])), checked(/^[0-8]\d{19}(\d{13})(\d)$/, elevens([1, 7, 3]))],
  dhl: [mod7, /^J[A-Z]{2,3}\d{9,10}$/, /^(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9A-Z]{10,36}$/, /^\d{14}$/],
  ems: [upu, /^1[0-2]\d{11}$/, /^9\d{12}$/],
  sto: [/^(?:77|43)\d{12,15}$/, /^\d{12,13}$/],
  yunda: [/^[34]\d{14}$/, /^5\d{12}$/, /^\d{13}$/],
  jtsd: [/^JT\d{12,13}$/],
  jd: [/^JD[0-9A-Z]{2}\d{11}(?:-\d{1,3}-\d{1,3}-?)?$/],
  deppon: [/^DPK\d{11,12}$/, /^\d{8,10}$/],
};

// Of a carrier that nobody here knows.
const ANY_NUMBER = /^[A-Z0-9-]{6,40}$/;

/** Whether a number that somebody else gave can be one of the carrier's: by our own carriers' forms, by those of others that are known, else by being a number at all. */
export const isExternalNumber = (manifests: ReadonlyMap<string, CarrierManifest>, carrier: string, number: string): boolean => {
  if (!/^[a-z0-9_-]{1,40}$/.test(carrier) || !ANY_NUMBER.test(number)) return false;
  const manifest = manifests.get(carrier);
  return manifest ? isNumberOf(manifest, number) : !Object.hasOwn(foreignNumbers, carrier) || foreignNumbers[carrier]!.some((form) => form.test(number));
};
