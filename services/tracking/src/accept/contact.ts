import type { common } from '@flotilla/contracts';
import type { Contact } from '../decide/shipment.events.js';

/** The buyer's language: what the shop says, else that of the country. */
export const languageOf = (locale: string, country: string): 'zh' | 'en' =>
  locale === '' ? (['CN', 'HK', 'MO', 'TW'].includes(country) ? 'zh' : 'en') : /^zh\b/i.test(locale) ? 'zh' : 'en';

/** Whom messages go to: the phone of the address before the buyer's own, since that is where the parcel goes. */
export const contactOf = ({ shipTo, buyer, number }: { readonly shipTo: common.Address; readonly buyer: common.Buyer; readonly number: string }): Contact => {
  const phone = shipTo.phone === '' ? buyer.phone : shipTo.phone;
  const buyerPhone = phone === buyer.phone ? '' : buyer.phone;
  return { email: buyer.email, ...(phone === '' ? {} : { phone }), ...(buyerPhone === '' ? {} : { buyerPhone }), country: shipTo.country, language: languageOf(buyer.locale, shipTo.country), number };
};
