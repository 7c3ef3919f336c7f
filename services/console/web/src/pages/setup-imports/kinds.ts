import type { Method } from '../../kit/index.js';
import type { ColumnWanted } from './table.js';
import type { words } from './words.js';

export interface Kind {
  readonly id: string;
  readonly name: keyof (typeof words)['en'];
  readonly more: keyof (typeof words)['en'];
  readonly method: Method;
  readonly columns: readonly ColumnWanted[];
}

const lane: readonly ColumnWanted[] = [
  { name: 'carrier', needed: true, also: ['快递', '承运商'] }, { name: 'service', needed: true, also: ['服务', '产品'] }, { name: 'from_province', also: ['始发省', '发货省'] }, { name: 'to_zone', needed: true, also: ['目的地', '目的省', 'zone'] },
  { name: 'first_grams', needed: true, also: ['首重', '首重克'] }, { name: 'first_price', needed: true, also: ['首重价', '首重价格'] }, { name: 'extra_grams', needed: true, also: ['续重'] }, { name: 'extra_price', needed: true, also: ['续重价', '续重价格'] },
  { name: 'currency', needed: true, also: ['币种'] }, { name: 'days', needed: true, also: ['时效', '天数'] }, { name: 'valid_from', needed: true, also: ['生效日期'] }, { name: 'valid_to', also: ['失效日期'] },
];

/** Files that a merchant brings, in the order of a first day. */
export const kinds: readonly Kind[] = [
  {
    id: 'catalogue', name: 'catalogue', more: 'catalogueMore', method: 'flotilla.allocation.v1.Catalogue/Import',
    columns: [{ name: 'sku', needed: true, also: ['商品编码', '商家编码', 'item code', 'code', '货号'] }, { name: 'name_zh', also: ['中文名', '名称', '商品名称'] }, { name: 'name_en', also: ['英文名', 'name', 'title'] }, { name: 'grams', also: ['weight', 'weight_g', '重量', '重量克'] }, { name: 'length_mm', also: ['长', 'length'] }, { name: 'width_mm', also: ['宽', 'width'] }, { name: 'height_mm', also: ['高', 'height'] }, { name: 'barcodes', also: ['barcode', 'ean', '条码', '条形码'] }, { name: 'hs_code', also: ['hs', '海关编码'] }, { name: 'flags', also: ['标记'] }],
  },
  {
    id: 'warehouses', name: 'warehouses', more: 'warehousesMore', method: 'flotilla.allocation.v1.Warehouses/Import',
    columns: [...['warehouse', 'name', 'country', 'province', 'city', 'district', 'postcode', 'street', 'contact', 'phone'].map((name): ColumnWanted => (name === 'warehouse' || name === 'name' || name === 'country' ? { name, needed: true } : { name })), ...['serves', 'kind', 'tier', 'daily_orders', 'services', 'flags', 'time_zone', 'ledger'].map((name): ColumnWanted => ({ name }))],
  },
  {
    id: 'stock', name: 'stock', more: 'stockMore', method: 'flotilla.allocation.v1.Stock/Import',
    columns: [{ name: 'warehouse', needed: true, also: ['仓库', '仓库编码'] }, { name: 'sku', needed: true, also: ['商品编码', '商家编码', 'item code', '货号'] }, { name: 'on_hand', also: ['quantity', 'qty', 'stock', '库存', '数量', '在库'] }, { name: 'as_of', also: ['盘点时间'] }, { name: 'safety', also: ['安全库存'] }, { name: 'safety_from_priority' }],
  },
  { id: 'rateCards', name: 'rateCards', more: 'rateCardsMore', method: 'flotilla.carrier.v1.RateCards/Import', columns: [...lane, { name: 'surcharge' }, { name: 'surcharge_percent' }, { name: 'volume_divisor', also: ['抛比'] }] },
  { id: 'lanes', name: 'lanes', more: 'lanesMore', method: 'flotilla.allocation.v1.Routing/ImportLanes', columns: [...lane, { name: 'warehouse' }] },
  {
    id: 'skuMap', name: 'skuMap', more: 'skuMapMore', method: 'flotilla.ingest.v1.SkuMap/Import',
    columns: [{ name: 'channel', needed: true, also: ['店铺'] }, { name: 'channel_sku', also: ['平台编码', '店铺编码'] }, { name: 'item_id', also: ['商品id'] }, { name: 'barcode', also: ['条码'] }, { name: 'name', also: ['商品名称', 'title'] }, { name: 'sku', needed: true, also: ['系统sku', '商家编码'] }, { name: 'quantity', also: ['数量', 'qty'] }],
  },
  { id: 'bins', name: 'bins', more: 'binsMore', method: 'flotilla.allocation.v1.Waves/ImportBins', columns: [{ name: 'warehouse', needed: true, also: ['仓库'] }, { name: 'sku', needed: true, also: ['商品编码', '商家编码'] }, { name: 'bin', needed: true, also: ['库位', '货位', 'location'] }] },
  {
    id: 'inbounds', name: 'inbounds', more: 'inboundsMore', method: 'flotilla.allocation.v1.Inbounds/Import',
    columns: [{ name: 'inbound', needed: true, also: ['采购单号', 'po', '入库单'] }, { name: 'warehouse', needed: true, also: ['仓库'] }, { name: 'sku', needed: true, also: ['商品编码'] }, { name: 'quantity', needed: true, also: ['数量', 'qty'] }, { name: 'expected_at', needed: true, also: ['预计到货', 'eta'] }, { name: 'kind' }, { name: 'from_warehouse' }, { name: 'reference' }],
  },
  {
    id: 'suspensions', name: 'suspensions', more: 'suspensionsMore', method: 'flotilla.carrier.v1.Suspensions/Import',
    columns: [{ name: 'carrier', needed: true }, { name: 'region', needed: true, also: ['地区'] }, { name: 'way', needed: true }, { name: 'from', needed: true, also: ['开始'] }, { name: 'until', needed: true, also: ['结束'] }, { name: 'city', also: ['城市'] }, { name: 'reason', also: ['原因'] }],
  },
  { id: 'pools', name: 'pools', more: 'poolsMore', method: 'flotilla.carrier.v1.Pools/Import', columns: [{ name: 'carrier', needed: true }, { name: 'warehouse', needed: true }, { name: 'from', needed: true }, { name: 'to', needed: true }, { name: 'low' }, { name: 'voided' }] },
  { id: 'numbers', name: 'numbers', more: 'numbersMore', method: 'flotilla.carrier.v1.Parcels/ImportNumbers', columns: [{ name: 'parcel_id', needed: true }, { name: 'carrier', needed: true }, { name: 'waybill', needed: true }, { name: 'shipped_at', needed: true }] },
];
