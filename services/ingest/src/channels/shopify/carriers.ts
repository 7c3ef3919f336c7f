import { ownOf } from '@flotilla/values';
/** Names as Shopify's list has them, case and all: with one of these it makes the buyer's tracking link itself. */
const companies: Readonly<Record<string, string>> = {
  sf: 'SF Express',
  ems: 'EMS',
  yto: 'YTO Express',
  zto: 'ZTO Express',
  yunda: 'Yunda Express',
  'china-post': 'China Post',
  dhl: 'DHL Express',
  fedex: 'FedEx',
  ups: 'UPS',
  usps: 'USPS',
};

/** A carrier that Shopify does not list goes under its own code, which the buyer sees without a link. */
export const companyOf = (carrier: string): string => ownOf(companies, carrier.toLowerCase()) ?? carrier;
