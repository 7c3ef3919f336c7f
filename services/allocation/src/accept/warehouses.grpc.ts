import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { isWarehouse } from '../decide/names.js';
import { register, WAREHOUSES } from '../decide/register.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { listWarehouses } from '../query/lists.query.js';
import { integerOf, listOf, type CsvRow } from './csv-rows.js';
import { importRows } from './import.js';

const texts = ['name', 'province', 'city', 'district', 'postcode', 'street', 'contact', 'phone'] as const;
const upper = ({ values }: CsvRow, column: string): string => (values[column] ?? '').toUpperCase();

const toWarehouse = (row: CsvRow): api.Warehouse => ({
  warehouse: row.values['warehouse'] ?? '',
  country: (row.values['country'] ?? '').toUpperCase(),
  serves: listOf(row, 'serves'),
  kind: upper(row, 'kind'),
  tier: integerOf(row, 'tier'),
  dailyOrders: integerOf(row, 'daily_orders'),
  services: listOf(row, 'services').map((one) => one.toUpperCase()),
  flags: listOf(row, 'flags').map((one) => one.toUpperCase()),
  timeZone: row.values['time_zone'] ?? '',
  ledger: upper(row, 'ledger'),
  ...(Object.fromEntries(texts.map((column) => [column, row.values[column] ?? ''])) as Record<(typeof texts)[number], string>),
});

/** Warehouses whose ledger is here: import by file, all of them. */
export const warehousesGrpc = ({ store, pool }: Pick<ServiceContext, 'store' | 'pool'>): Served => {
  const describe = async (row: CsvRow, call: Call): Promise<boolean> => {
    const data = toWarehouse(row);
    if (!isWarehouse(data.warehouse)) throw new Refused('BAD_REQUEST', `warehouse "${data.warehouse.slice(0, 40)}" cannot be an id: letters, digits, "_" and "-", at most 32`);
    const { answer } = await store.execute({
      streams: [[warehouse, data.warehouse], [register, WAREHOUSES]],
      meta: call.meta,
      decide: (unit) => {
        const changed = unit.run(warehouse, data.warehouse, { type: 'DescribeWarehouse', data }).length > 0;
        if (changed) unit.run(register, WAREHOUSES, { type: 'ListWarehouse', data: { warehouse: data.warehouse } });
        return changed;
      },
    });
    return answer;
  };
  return serve(api.Warehouses, {
    import: (chunks, call) => importRows(chunks, ['warehouse', 'country'], (row) => describe(row, call)),
    list: async () => ({ warehouses: await listWarehouses(pool) }),
  });
};
