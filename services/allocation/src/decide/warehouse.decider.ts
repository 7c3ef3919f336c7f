import type { allocation } from '@flotilla/contracts';
import { Refused, type Decider } from '@flotilla/decider';
import { isTimeZone } from '@flotilla/values';
import { ledgerOf } from './ledger.js';
import { isWarehouse } from './names.js';
import type { WarehouseEvent } from './warehouse.events.js';

export type WarehouseCommand = { readonly type: 'DescribeWarehouse'; readonly data: allocation.Warehouse };

/** `null` until the warehouse is known. */
export type WarehouseState = allocation.Warehouse | null;

const KINDS: readonly string[] = ['', 'OWN', 'STORE', 'SUPPLIER', 'REMOTE'];
const LEDGERS: readonly string[] = ['', 'LOCAL', 'REMOTE', 'WMS', 'SUPPLIER'];
const SERVICES: readonly string[] = ['STANDARD', 'EXPRESS', 'PICKUP', 'SAME_CITY'];
const unsaid = { kind: '', tier: 0, dailyOrders: 0, services: [], flags: [], timeZone: '', ledger: '' } as const;

// Warehouses described before nodes had kinds lack these fields.
const evolve = (_: WarehouseState, event: WarehouseEvent): WarehouseState => ({ ...unsaid, ...event.data });

const describe = (site: allocation.Warehouse, known: WarehouseState): readonly WarehouseEvent[] => {
  if (!isWarehouse(site.warehouse)) throw new Refused('BAD_REQUEST', `"${site.warehouse}" cannot be a warehouse id: letters, digits, "_" and "-", at most 32`);
  if (!/^[A-Z]{2}$/.test(site.country)) throw new Refused('BAD_ADDRESS', `country "${site.country}" of ${site.warehouse} is not an ISO 3166-1 code`);
  if (!KINDS.includes(site.kind)) throw new Refused('BAD_REQUEST', `kind is "${site.kind}", not one of OWN, STORE, SUPPLIER, REMOTE`);
  if (!LEDGERS.includes(site.ledger)) throw new Refused('BAD_REQUEST', `ledger is "${site.ledger}", not one of LOCAL, REMOTE, WMS, SUPPLIER`);
  if (site.ledger === 'SUPPLIER' && site.kind !== 'SUPPLIER') throw new Refused('BAD_REQUEST', `${site.warehouse} has the ledger SUPPLIER and the kind "${site.kind}"; its kind is SUPPLIER, too`);
  const unknown = site.services.find((service) => !SERVICES.includes(service));
  if (unknown !== undefined) throw new Refused('BAD_REQUEST', `"${unknown}" is no service; there are ${SERVICES.join(', ')}`);
  if (site.tier < 0 || site.dailyOrders < 0) throw new Refused('BAD_QUANTITY', `tier and daily_orders of ${site.warehouse} are whole numbers from 0`);
  if (site.timeZone !== '' && !isTimeZone(site.timeZone)) throw new Refused('BAD_REQUEST', `time_zone "${site.timeZone}" is no IANA zone such as Asia/Shanghai`);
  // Its locks live in that ledger: another one would know nothing of them.
  if (known && ledgerOf(known) !== ledgerOf(site)) throw new Refused('LEDGER_ELSEWHERE', `the ledger of ${site.warehouse} is ${ledgerOf(known)} and stays there; describe a warehouse with another id`);
  return JSON.stringify(known) === JSON.stringify({ ...unsaid, ...site }) ? [] : [{ type: 'WarehouseDescribed', data: site }];
};

/** One warehouse: where it is and whom it serves first. */
export const warehouse: Decider<WarehouseState, WarehouseCommand, WarehouseEvent> = {
  category: 'warehouse',
  initial: null,
  evolve,
  decide: ({ data }, known) => describe(data, known),
};
