import type { ServiceContext } from '@flotilla/service-kit';
import type { Shipping } from '../../decide/suppliers/offer.decider.js';
import type { Recipient } from './files.js';

/** Where a parcel goes, in clear: only for whoever has to write it on the parcel, and only then. undefined = it was erased. */
export const recipientOf = async (ctx: Pick<ServiceContext, 'open'>, { parcelId, shipTo }: Shipping): Promise<Recipient | undefined> => {
  const sealed = [shipTo.name, shipTo.phone, shipTo.street, shipTo.company];
  const clear = await ctx.open(sealed);
  if (sealed.some((text, index) => text !== '' && (clear[index] ?? '') === '')) return undefined;
  const [name = '', phone = '', street = '', company = ''] = clear;
  const { district, city, province, postcode, country } = shipTo;
  return { parcelId, name, phone, company, street, district, city, province, postcode, country };
};
