import { isSealed } from '@flotilla/values';
import { withoutPersonal } from '../told.js';

// A person's key, the indexes by which one is found, the platform's token for one, and what a tax office knows one by: they tell one buyer from another.
const ofPersons = new Set(['subject', 'phoneIndex', 'emailIndex', 'token', 'taxId']);
// Texts in which whoever wrote them may have named somebody.
const texts = new Set(['detail', 'detailZh']);

/** An event's data as strangers may have it: its fields all there, sealed values as `***`, what points to a person empty. */
export const masked = (value: unknown, name = ''): unknown => {
  if (typeof value === 'string') return ofPersons.has(name) ? '' : isSealed(value) ? '***' : texts.has(name) ? withoutPersonal(value) : value;
  if (Array.isArray(value)) return value.map((one) => masked(one, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, masked(one, key)]));
};
