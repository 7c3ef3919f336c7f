import type { common } from '@flotilla/contracts';
import type { MessageKind } from '../../decide/suppliers/offer.events.js';
import { csvFile } from '@flotilla/files';

/** A file, by a name that is the same whenever the same is to be told. */
export interface OrderFile {
  readonly name: string;
  readonly text: string;
}

export interface FileLine extends common.SkuQuantity {
  readonly name: string;
  /** What the supplier takes for one; "" = not known. */
  readonly cost: string;
  readonly currency: string;
}

/** Where a parcel goes, in clear. */
export interface Recipient {
  readonly parcelId: string;
  readonly name: string;
  readonly phone: string;
  readonly company: string;
  readonly street: string;
  readonly district: string;
  readonly city: string;
  readonly province: string;
  readonly postcode: string;
  readonly country: string;
}

const TO = ['name', 'phone', 'company', 'street', 'district', 'city', 'province', 'postcode', 'country'] as const;

/** What a supplier without an interface is told, one row per line of the order. */
export const orderFile = (kind: MessageKind, offer: { readonly lockId: string; readonly until: string; readonly lines: readonly FileLine[] }, to?: Recipient): OrderFile => {
  const { lockId, until, lines } = offer;
  const goods = lines.map(({ sku, quantity }) => [sku, String(quantity)]);
  switch (kind) {
    case 'OFFER':
      return { name: `${lockId}.offer.csv`, text: csvFile(['offer', 'answer_until', 'sku', 'quantity', 'name', 'cost', 'currency'], lines.map(({ sku, quantity, name, cost, currency }) => [lockId, until, sku, String(quantity), name, cost, currency])) };
    case 'WITHDRAWN':
      return { name: `${lockId}.withdrawn.csv`, text: csvFile(['offer', 'sku', 'quantity'], goods.map((line) => [lockId, ...line])) };
    case 'SHIP':
      if (!to) throw new Error(`offer ${lockId} is to be sent and nobody says where`);
      return { name: `${lockId}.ship.${to.parcelId}.csv`, text: csvFile(['offer', 'parcel', 'sku', 'quantity', ...TO], goods.map((line) => [lockId, to.parcelId, ...line, ...TO.map((column) => to[column])])) };
  }
};
