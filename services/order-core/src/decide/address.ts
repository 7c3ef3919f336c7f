import type { common, ingest } from '@flotilla/contracts';
import { addressFlags } from '@flotilla/values';
import { complete, missingParts, same, type Rules } from './content.js';
import type { OrderState } from './order.state.js';

/** How the platform's address was read (ChannelOrder.address): what of it order-core goes by. */
export interface AddressReading {
  readonly flags: readonly string[];
  /** Percent: the lower one of province and city in China; elsewhere nobody knows all of them, and it is 100. */
  readonly confidence: number;
  readonly changes: readonly ingest.AddressChange[];
}

/** Undefined for what is shipped nowhere, and for what was told before addresses were read. */
export const readingOf = ({ address: { country, flags, confidence, changes } }: ingest.ChannelOrder): AddressReading | undefined =>
  country === '' ? undefined : { flags, confidence: country === 'CN' ? Math.min(confidence.province, confidence.city) : 100, changes };

/** As the platform gave it. Reading gets better: what is read from the same words is no other address. */
export const asGiven = (shipTo: common.Address, changes: readonly ingest.AddressChange[]): common.Address => ({ ...shipTo, ...Object.fromEntries(changes.map(({ field, from }) => [field, from])) });

type Addressed = Pick<OrderState, 'service' | 'shipTo' | 'channelShipTo' | 'address'>;

/** What the buyer collects needs no address. */
export const reachable = ({ service }: Pick<OrderState, 'service'>, shipTo: common.Address): boolean => service === 'PICKUP' || complete(shipTo);

const lowConfidence = { zh: '所在地区不能确定：请核对省和市', en: 'where this is cannot be told for sure: check province and city' };

/** What a person has to look at, in words of both languages; "" if nothing. Who set the address by hand has looked, and a recipient whom the platform masks is known to it. */
export const addressFault = (order: Addressed, { address: rule }: Rules): string => {
  const shipTo = order.shipTo!;
  if (order.service === 'PICKUP') return '';
  if (!complete(shipTo)) return `地址缺少${missingParts(shipTo, 'zh')} / the address lacks ${missingParts(shipTo, 'en')}`;
  const { address: reading } = order;
  if (reading === undefined || rule === undefined || shipTo.token !== '' || !same(shipTo, order.channelShipTo)) return '';
  const flagged = rule.flags.filter((flag) => reading.flags.includes(flag)).map((flag) => addressFlags[flag]);
  const words = flagged.length === 0 && reading.confidence < rule.confidence ? [lowConfidence] : flagged;
  return words.length === 0 ? '' : `${words.map(({ zh }) => zh).join('；')} / ${words.map(({ en }) => en).join('; ')}`;
};
