import { layout, paper, type Page, type Sheet, type Table } from '@flotilla/paper';

interface Packed {
  readonly parcelId: string;
  readonly number: string;
  readonly waybill: string;
  readonly carrier: string;
  readonly items: readonly { readonly sku: string; readonly name: string; readonly quantity: number }[];
}

/** What the buyer asked for, and the text of the card. */
export interface Wished {
  readonly wishes: readonly string[];
  readonly card: string;
}

// As much of a text as a row of the slip has room for.
const rowsOf = (text: string): readonly string[] => (text === '' ? [] : layout(text, { x: 0, y: 0, width: 124, height: 1_000, size: 9 }).lines.map((line) => line.text));

const wishTable = ({ wishes, card }: Wished): readonly Table[] => {
  const rows = [...(wishes.length === 0 ? [] : rowsOf(wishes.join(' · '))), ...rowsOf(card === '' ? '' : `贺卡 Card:  ${card}`)];
  return rows.length === 0 ? [] : [{ heading: '', columns: [{ title: '★ 买家要求 The buyer asks', width: 128 }], rows: rows.map((one) => [one]) }];
};

/** What lies in a parcel, for whoever packs and opens it: no prices, no phone; first what the buyer asked for. */
export const packingSlip = ({ number, waybill, carrier, items }: Packed, recipient: { readonly name: string; readonly place: string }, day: string, wished: Wished = { wishes: [], card: '' }): Sheet => ({
  ...paper.A5,
  title: '装箱单 PACKING SLIP',
  code: waybill,
  about: [`订单 Order  ${number}`, `收件人 For  ${recipient.name}`, recipient.place.replaceAll('\n', ', '), `${carrier}   ${day}`],
  tables: [...wishTable(wished), { heading: '', columns: [{ title: '商品编码 SKU', width: 40 }, { title: '品名 Item', width: 70 }, { title: '数量 Qty', width: 18, align: 'right' }], rows: items.map(({ sku, name, quantity }) => [sku, name, String(quantity)]) }],
  foot: [`合计 Total  ${items.reduce((sum, { quantity }) => sum + quantity, 0)}`],
});

/** What is to be fetched for many parcels: every SKU once, in the order of the codes. Nobody's name stands on it. */
export const pickList = (parcels: readonly Packed[], warehouse: string, day: string): Sheet => {
  const wanted = new Map<string, { name: string; quantity: number; parcels: Set<string> }>();
  for (const { parcelId, items } of parcels) {
    for (const { sku, name, quantity } of items) {
      const known = wanted.get(sku) ?? { name, quantity: 0, parcels: new Set() };
      wanted.set(sku, { name: known.name || name, quantity: known.quantity + quantity, parcels: known.parcels.add(parcelId) });
    }
  }
  const skus = [...wanted].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...paper.A4,
    title: `拣货单 PICK LIST  ${warehouse}`,
    code: '',
    about: [`${parcels.length} 个包裹 parcels   ${day}`],
    tables: [{ heading: '', columns: [{ title: '商品编码 SKU', width: 55 }, { title: '品名 Item', width: 85 }, { title: '数量 Qty', width: 22, align: 'right' }, { title: '包裹 Parcels', width: 28, align: 'right' }], rows: skus.map(([sku, { name, quantity, parcels: of }]) => [sku, name, String(quantity), String(of.size)]) }],
    foot: [`合计 Total  ${skus.reduce((sum, [, { quantity }]) => sum + quantity, 0)}`],
  };
};

/** What a carrier collects at once, signed by both (CAR-07). `id` is made of the numbers: two papers with the same id list the same parcels. */
export const manifestSheet = (parcels: readonly { readonly waybill: string; readonly number: string; readonly place: string; readonly grams: number }[], head: { readonly id: string; readonly carrier: string; readonly warehouse: string; readonly span: string }): Sheet => ({
  ...paper.A4,
  title: `交接清单 HANDOVER MANIFEST  ${head.carrier}`,
  code: head.id,
  about: [`仓库 Warehouse  ${head.warehouse}`, head.span],
  tables: [{ heading: '', columns: [{ title: '#', width: 14 }, { title: '运单号 Waybill', width: 56 }, { title: '订单 Order', width: 45 }, { title: '目的地 To', width: 50 }, { title: 'kg', width: 25, align: 'right' }], rows: parcels.map(({ waybill, number, place, grams }, n) => [String(n + 1), waybill, number, place, (grams / 1000).toFixed(2)]) }],
  foot: [`合计 Total  ${parcels.length} 件 parcels   ${(parcels.reduce((sum, { grams }) => sum + grams, 0) / 1000).toFixed(2)} kg`, '', '交件人 Handed over by  ______________________     收件人 Collected by  ______________________'],
});

export const longestCard = 300;

/** A card that lies with a present (A6): to whom, what is wished, by whom; and small the order, so that it comes into the right parcel. No prices. */
export const giftCard = ({ to, text, from, number }: { readonly to: string; readonly text: string; readonly from: string; readonly number: string }): Page => ({
  template: {
    width: 105,
    height: 148,
    elements: [
      { kind: 'frame', x: 6, y: 6, width: 93, height: 136, stroke: 0.3 },
      { kind: 'text', field: 'to', x: 14, y: 16, width: 77, height: 14, size: 18, minSize: 9, weight: 'bold' },
      { kind: 'text', field: 'text', x: 14, y: 36, width: 77, height: 78, size: 16, minSize: 7 },
      { kind: 'text', field: 'from', x: 14, y: 117, width: 77, height: 10, size: 13, minSize: 7, align: 'right' },
      { kind: 'text', field: 'number', x: 14, y: 133, width: 77, height: 5, size: 7, minSize: 5, align: 'right' },
    ],
  },
  fields: { to, text, from, number },
});
