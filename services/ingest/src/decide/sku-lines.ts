import type { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { lineIdOf, namespace, ownOf, split, uuidv5 } from '@flotilla/values';
import type { By, ItemName } from './sku-map.events.js';

/** Of what a name of an item may have. */
export const longestKey = 300;

/** Whether a text can be a SKU of ours. */
export const isOurSku = (text: string): boolean => /^[!-~]{1,100}$/.test(text);

/** What each line's item is in our SKUs, by channel line id. null: nobody has mapped it, and it is not to be guessed. Absent: as the channel names it. */
export type Skus = Readonly<Record<string, readonly ingest.SkuPart[] | null>>;

/** The lines that a mapped channel line has become, as they were told, and all that its item was called. */
export interface ToldParts extends Readonly<Record<'itemId' | 'channelSku' | 'barcode' | 'title', string>> {
  readonly parts: readonly { readonly lineId: string; readonly sku: string; readonly units: number }[];
}

/** How two names of an item are compared: full-width letters and spaces around do not count, in a title case does not either. */
export const plainKey = (by: By, text: string): string => {
  const plain = text.normalize('NFKC').trim();
  return by === 'NAME' ? plain.replace(/\s+/g, ' ').toLowerCase() : plain;
};

const bys: readonly string[] = ['SKU', 'ID', 'BARCODE', 'NAME'] satisfies readonly By[];

/** Refused if it could name no item. */
export const itemName = (channel: string, by: string, key: string): ItemName => {
  if (!bys.includes(by)) throw new Refused('BAD_REQUEST', `by is one of ${bys.join(', ')}`);
  if (key.includes('\u0000') || !key.isWellFormed()) throw new Refused('BAD_TEXT', 'key contains U+0000 or half a character');
  const plain = plainKey(by as By, key);
  if (plain === '' || plain.length > longestKey) throw new Refused('BAD_REQUEST', `key has 1 to ${longestKey} characters`);
  return { channel, by: by as By, key: plain };
};

type Named = Pick<ingest.ChannelOrderLine, 'itemId' | 'channelSku' | 'barcode' | 'title'>;

const namesOf = (line: Named): readonly { readonly by: By; readonly key: string }[] => ([['ID', line.itemId], ['SKU', line.channelSku], ['BARCODE', line.barcode], ['NAME', line.title]] as const).map(([by, text]) => ({ by, key: plainKey(by, text ?? '') }));

/** What a line's item may be mapped by; the first that is mapped holds, since an id is the surest name and a title the least. */
export const keysOf = (line: Named): readonly { readonly by: By; readonly key: string }[] => namesOf(line).filter(({ key }) => key !== '' && key.length <= longestKey);

/** The same as one text each, the surest first. */
export const itemNamesOf = (named: Named): readonly string[] => keysOf(named).map(({ by, key }) => `${by}:${key}`);

/** What a person would map it by. */
export const mainKeyOf = (line: Named): { readonly by: By; readonly key: string } | undefined => {
  const keys = keysOf(line);
  return keys.find(({ by }) => by === 'SKU') ?? keys[0];
};

/** The id of an item's stream: keys may be of any script. */
export const skuItemId = ({ channel, by, key }: ItemName): string => uuidv5(uuidv5(uuidv5(namespace, 'sku item'), channel), `${by}:${key}`);

const partsOf = (line: ingest.ChannelOrderLine, skus: Skus, told: Readonly<Record<string, ToldParts>>): readonly ingest.SkuPart[] | null | undefined => {
  const kept = ownOf(told, line.channelLineId);
  return kept !== undefined && isSameItem(kept, line) ? kept.parts.map(({ sku, units }) => ({ sku, quantity: units })) : ownOf(skus, line.channelLineId);
};

// All of its names: many shops have no SKUs, rows of a file may have no more than titles, and a line's id is often its place alone.
const isSameItem = (told: ToldParts, line: Named): boolean => {
  const names = namesOf(line);
  return namesOf(told).every(({ key }, at) => key === names[at]!.key);
};

/** How many lines `inOurSkus` would make. */
export const partsMade = (lines: readonly ingest.ChannelOrderLine[], skus: Skus, told: Readonly<Record<string, ToldParts>>): number => lines.reduce((sum, line) => sum + (partsOf(line, skus, told)?.length ?? 1), 0);

/** The order in our SKUs. A line that was told with a mapping keeps it as long as it is of the same item. */
export const inOurSkus = (order: ingest.ChannelOrder, skus: Skus, told: Readonly<Record<string, ToldParts>>): ingest.ChannelOrder => ({
  ...order,
  lines: order.lines.flatMap((line) => toOurs(order.orderId, line, partsOf(line, skus, told))),
});

/** The same for an order that was told already: only what waits is looked at. The same order if nothing of it can go on. */
export const waitingInOurSkus = (order: ingest.ChannelOrder, skus: Skus): ingest.ChannelOrder => {
  const lines = order.lines.flatMap((line) => (line.sku === '' ? toOurs(order.orderId, line, ownOf(skus, line.channelLineId)) : [line]));
  return lines.length === order.lines.length && lines.every(({ sku }, index) => sku === order.lines[index]!.sku) ? order : { ...order, lines };
};

const toOurs = (orderId: string, line: ingest.ChannelOrderLine, parts: readonly ingest.SkuPart[] | null | undefined): readonly ingest.ChannelOrderLine[] => {
  if (parts === undefined) return [{ ...line, sku: line.channelSku, units: 0 }];
  if (parts === null) return [{ ...line, sku: '', units: 0 }];
  const { currency } = line.unitPrice;
  const weights = parts.map(({ quantity }) => quantity);
  const gross = split(line.unitPrice.amount * line.quantity, weights);
  const discounts = split(line.discount.amount, weights);
  return parts.map(({ sku, quantity: units }, index) => {
    const quantity = line.quantity * units;
    // A price that cannot be divided is rounded up, and the discount takes the rest off: the parts cost what the line cost.
    const unitPrice = quantity === 0 ? 0 : Math.ceil(gross[index]! / quantity);
    const discount = unitPrice * quantity - gross[index]! + discounts[index]!;
    return {
      ...line,
      lineId: index === 0 ? line.lineId : lineIdOf(orderId, `${line.channelLineId}/${sku}`),
      sku,
      units,
      quantity,
      unitPrice: { amount: unitPrice, currency },
      discount: { amount: discount, currency },
      total: { amount: unitPrice * quantity - discount, currency },
      grams: parts.length === 1 && units === 1 ? line.grams : 0,
    };
  });
};

/** The mapped lines of a told order, by channel line id. */
export const toldPartsOf = (lines: readonly ingest.ChannelOrderLine[]): Readonly<Record<string, ToldParts>> => {
  const parts = new Map<string, ToldParts>();
  for (const { channelLineId, itemId = '', channelSku, barcode = '', title, lineId, sku, units = 0 } of lines) {
    if (units > 0) parts.set(channelLineId, { itemId, channelSku, barcode, title, parts: [...(parts.get(channelLineId)?.parts ?? []), { lineId, sku, units }] });
  }
  return Object.fromEntries(parts);
};

/** Units of the channel's line that are complete with so many of its parts. */
export const completeUnits = ({ parts }: ToldParts, shipped: Readonly<Record<string, number>>): number => Math.min(...parts.map(({ lineId, units }) => Math.floor((shipped[lineId] ?? 0) / units)));
