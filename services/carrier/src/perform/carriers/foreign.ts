import { codesOfKdniao } from '../gateways/kdniao/carriers.js';
import { isNumberOf, type CarrierManifest } from './carrier.js';
import { checked, elevens, mod7, tens, ups, type Form } from './number-forms.js';

/** The forms of numbers of carriers that have no folder here, for parcels that somebody else sends; with their check digits where they have them. */
export const foreignNumbers: Readonly<Record<string, readonly Form[]>> = {
  ups: [checked(/^1Z([A-Z0-9]{15})(\d)$/, ups), checked(/^[AHJKTV](\d{9})(\d)$/, tens([1, 2]))],
  fedex: [checked(/^(\d{11})(\d)$/, elevens([3, 1, 7])), checked(/^(\d{14})(\d)$/, tens([1, 3])), checked(/^96\d{5}(\d{14})(\d)$/, tens([1, 3])), checked(/^[0-8]\d{19}(\d{13})(\d)$/, elevens([1, 7, 3]))],
  dhl: [mod7, /^J[A-Z]{2,3}\d{9,10}$/, /^(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9A-Z]{10,36}$/, /^\d{14}$/],
};

/** A carrier as others write it, by our name for it where they take the code of a gateway: jtsd is jt. */
export const carrierOf = (said: string): string => {
  const name = said.toLowerCase();
  return codesOfKdniao.get(name) ?? name;
};

// Of a carrier that nobody here knows.
const ANY_NUMBER = /^[A-Z0-9-]{6,40}$/;

/** Whether a number that somebody else gave can be one of the carrier's: by our own carriers' forms, by those of others that are known, else by being a number at all. */
export const isExternalNumber = (manifests: ReadonlyMap<string, CarrierManifest>, carrier: string, number: string): boolean => {
  if (!/^[a-z0-9_-]{1,40}$/.test(carrier) || !ANY_NUMBER.test(number)) return false;
  const manifest = manifests.get(carrier);
  return manifest ? isNumberOf(manifest, number) : !Object.hasOwn(foreignNumbers, carrier) || foreignNumbers[carrier]!.some((form) => form.test(number));
};
