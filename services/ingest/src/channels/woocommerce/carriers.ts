import { ownOf } from '@flotilla/values';
const names: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = {
  sf: { zh: '顺丰速运', en: 'SF Express' },
  yto: { zh: '圆通速递', en: 'YTO Express' },
  zto: { zh: '中通快递', en: 'ZTO Express' },
  ems: { zh: 'EMS', en: 'EMS' },
  dhl: { zh: 'DHL', en: 'DHL' },
  fedex: { zh: 'FedEx', en: 'FedEx' },
  ups: { zh: 'UPS', en: 'UPS' },
};

/** As buyers know a carrier; one that is not listed goes under its own code. */
export const nameOf = (carrier: string): { readonly zh: string; readonly en: string } => ownOf(names, carrier.toLowerCase()) ?? { zh: ` ${carrier} `, en: carrier };
