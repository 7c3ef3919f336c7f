import { ownOf } from '@flotilla/values';
/** TOP's codes of carriers. */
const codes: Readonly<Record<string, string>> = { sf: 'SF', yto: 'YTO', zto: 'ZTO', sto: 'STO', yunda: 'YUNDA', ems: 'EMS', 'china-post': 'POSTB', jd: 'JD', own: 'OTHER' };

/** A carrier that is not listed goes under its own code in capitals, which the platform may refuse. */
export const companyCodeOf = (carrier: string): string => ownOf(codes, carrier.toLowerCase()) ?? carrier.toUpperCase();
