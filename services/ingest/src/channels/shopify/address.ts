import { normaliseCountry, normalisePostcode } from '@flotilla/values';
import type { Fields } from '../fields.js';
import type { ClearAddress } from '../platform.js';

/** Where nothing can be shipped to: order-core holds such an order until somebody gives it an address. */
const nowhere: ClearAddress = { country: '', province: '', city: '', district: '', postcode: '', street: '', company: '', name: '', phone: '' };

/** `shipping_address`; null for downloads, pick-up and the shop's own counter. A billing address is no substitute: nobody asked to ship there. */
export const toAddress = (address: Fields | undefined): ClearAddress =>
  address === undefined
    ? nowhere
    : {
        country: countryOf(address),
        province: address.firstText('province', 'province_code'),
        city: address.text('city'),
        district: '',
        postcode: normalisePostcode(address.text('zip')),
        street: [address.text('address1'), address.text('address2')].filter((part) => part !== '').join(', '),
        company: address.text('company'),
        name: nameOf(address),
        phone: address.text('phone'),
      };

/** `name`, else first and last name. */
export const nameOf = (person: Fields): string => person.text('name') || [person.text('first_name'), person.text('last_name')].filter((part) => part !== '').join(' ');

const countryOf = (address: Fields): string => {
  for (const field of ['country_code', 'country', 'country_name']) {
    const known = normaliseCountry(address.text(field));
    if (known !== undefined) return known;
  }
  return '';
};
