import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { declareStock } from '../../coordinate/suppliers/participant.js';
import { ledgerOf } from '../../decide/ledger.js';
import { isSku, isWarehouse, stockId } from '../../decide/names.js';
import { sku as article } from '../../decide/sku.decider.js';
import { cost, SHIP_HOURS, supplier } from '../../decide/suppliers/supplier.decider.js';
import { warehouse } from '../../decide/warehouse.decider.js';
import { filesOf, offersOf } from '../../query/suppliers/offers.query.js';
import { suppliersOf } from '../../query/suppliers/suppliers.query.js';
import { integerOf, type CsvRow } from '../csv-rows.js';
import { importRows } from '../import.js';

interface Ways {
  /** Links can be signed, so that offers can be mailed. */
  readonly portal: boolean;
  /** By name. */
  readonly secrets: ReadonlySet<string>;
  /** Suppliers whose folders can be reached. */
  readonly files: ReadonlySet<string>;
  readonly videoUrl: (sha256: string) => string;
}

/** Suppliers, what they offer, and how they do. */
export const suppliersGrpc = (ctx: Pick<ServiceContext, 'store' | 'pool' | 'clock'>, { portal, secrets, files, videoUrl }: Ways): Served => {
  const { store, pool, clock } = ctx;
  const figures = () => ({ store, pool, at: clock.business().toISOString() });
  const describe = async (id: string, row: CsvRow, call: Call): Promise<boolean> => {
    const text = (column: string): string => row.values[column] ?? '';
    const data = {
      supplier: id, name: text('name'), email: text('email'), language: text('language').toLowerCase() || 'zh', responseMinutes: integerOf(row, 'response_minutes'),
      delivery: text('delivery').toUpperCase() || 'PORTAL', apiUrl: text('api_url'), apiSecret: text('api_secret'),
      shipHours: text('ship_hours') === '' ? SHIP_HOURS : integerOf(row, 'ship_hours'),
    };
    if (!portal) throw new Refused('BAD_REQUEST', 'offers need their page: set FLOTILLA_LINK_KEY');
    if (data.delivery === 'API' && !secrets.has(data.apiSecret)) throw new Refused('BAD_REQUEST', `api_secret "${data.apiSecret.slice(0, 40)}" is not in FLOTILLA_SUPPLIER_SECRETS`);
    if (data.delivery === 'FILE' && !files.has(id)) throw new Refused('BAD_REQUEST', `there is no SFTP server of "${id}" in FLOTILLA_SUPPLIER_FILES`);
    const { answer } = await store.execute({ streams: [[supplier, id], [warehouse, id]], meta: call.meta, decide: (unit) => (known(unit.state(warehouse, id), id), unit.run(supplier, id, { type: 'DescribeSupplier', data }).length > 0) });
    return answer;
  };
  const offerSku = async (id: string, row: CsvRow, call: Call): Promise<boolean> => {
    const { sku = '', stock = '', currency = '' } = row.values;
    if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `sku "${sku.slice(0, 40)}" cannot be one`);
    const [free, amount] = [integerOf(row, 'stock'), integerOf(row, 'cost')];
    if (stock === '' || free < 0) throw new Refused('BAD_QUANTITY', `stock of ${sku} counts from 0`);
    if (amount > 0 && !/^[A-Z]{3}$/.test(currency)) throw new Refused('BAD_CURRENCY', `currency "${currency.slice(0, 10)}" of ${sku} is none`);
    const { answer } = await store.execute({
      streams: [[warehouse, id], [article, sku]],
      meta: call.meta,
      decide: (unit) => {
        known(unit.state(warehouse, id), id);
        if (unit.state(article, sku) === null) throw new Refused('UNKNOWN_SKU', `sku "${sku}" is not in the catalogue; import it with Catalogue/Import`);
        const priced = unit.run(cost, stockId(id, sku), { type: 'SetCost', data: { supplier: id, sku, amount, currency } }).length > 0;
        return declareStock(unit, id, sku, free) || priced;
      },
    });
    return answer;
  };
  return serve(api.Suppliers, {
    import: (chunks, call) =>
      importRows(chunks, ['supplier'], (row) => {
        const id = row.values['supplier'] ?? '';
        if (!isWarehouse(id)) throw new Refused('BAD_REQUEST', `supplier "${id.slice(0, 40)}" cannot be an id: letters, digits, "_" and "-", at most 32`);
        return (row.values['sku'] ?? '') === '' ? describe(id, row, call) : offerSku(id, row, call);
      }),
    list: async ({ page }) => {
      const { limit, after } = pageOf(page, ['suppliers']);
      const suppliers = await suppliersOf(figures(), { limit, after: String(after?.[0] ?? '') });
      return { suppliers: [...suppliers], nextToken: suppliers.length === limit ? pageToken([suppliers.at(-1)!.supplier], ['suppliers']) : '' };
    },
    get: async ({ supplier: id }) => {
      const [found] = await suppliersOf(figures(), { only: id });
      if (!found) throw new Refused('NOT_FOUND', `no supplier "${id.slice(0, 40)}"; import it with Suppliers/Import`);
      return found;
    },
    listOffers: async ({ supplier: id, page }) => {
      const { limit, after } = pageOf(page, ['supplier offers', id]);
      const offers = await offersOf({ store, pool }, id, limit, after, videoUrl);
      const last = offers.at(-1);
      return { offers: [...offers], nextToken: last && offers.length === limit ? pageToken([last.offeredAt, last.lockId], ['supplier offers', id]) : '' };
    },
    listFiles: async ({ supplier: id, page }) => {
      const { limit, after } = pageOf(page, ['supplier files', id]);
      const found = await filesOf(pool, id, limit, after);
      const last = found.at(-1);
      return { files: found.map(({ file }) => file), nextToken: last && found.length === limit ? pageToken([last.file.takenAt, last.id], ['supplier files', id]) : '' };
    },
  });
};

const known = (site: api.Warehouse | null, id: string): void => {
  if (site === null) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${id}"; import it with Warehouses/Import, with kind and ledger SUPPLIER`);
  if (ledgerOf(site) !== 'SUPPLIER') throw new Refused('LEDGER_ELSEWHERE', `the ledger of ${id} is ${ledgerOf(site)}, not SUPPLIER`);
};
