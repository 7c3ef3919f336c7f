import type { ingest } from '@flotilla/contracts';
import type { ClearAddress, ClearOrder } from '../channels/platform.js';
import { changed, standardise, type Standardised } from './address.js';
import { giftMessageOf, type RemarkReader } from './remarks.js';

/** What was made out of an order's address and remark: tags and divisions are nobody's, the card's text is the buyer's. */
export interface Understanding {
  readonly shipTo: ClearAddress;
  readonly address: ingest.AddressCheck;
  readonly tags: readonly string[];
  readonly giftMessage: string;
}

const mostTags = 200;

export const toCheck = ({ region, postcode, confidence, flags, changes, phone }: Standardised): ingest.AddressCheck => ({ ...region, postcode, confidence, flags, changes, phone });

/** Of what is shipped nowhere. */
export const nowhere: ingest.AddressCheck = toCheck({ region: { country: '', province: '', city: '', district: '', code: '' }, confidence: { province: 0, city: 0, district: 0, postcode: 0 }, postcode: '', phone: 'NONE', flags: [], changes: [] });

/** Before it is sealed: afterwards nobody here can read it. */
export const understood = ({ shipTo, remark, tags }: ClearOrder, read: RemarkReader): Understanding => {
  const wishes = read(remark);
  // What is not shipped anywhere lacks nothing.
  const given = [shipTo.country, shipTo.province, shipTo.city, shipTo.district, shipTo.street].some((part) => part !== '');
  const found = given ? standardise(shipTo) : undefined;
  return {
    shipTo: found === undefined ? shipTo : changed(shipTo, found.changes),
    address: found === undefined ? nowhere : toCheck(found),
    tags: [...new Set([...tags, ...wishes])].slice(0, Math.max(mostTags, tags.length)),
    giftMessage: wishes.includes('buyer:gift-card') ? giftMessageOf(remark) : '',
  };
};
