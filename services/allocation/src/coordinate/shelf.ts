import { Refused } from '@flotilla/decider';
import type { Unit } from '@flotilla/event-store';
import { stockId } from '../decide/names.js';
import { sku as article } from '../decide/sku.decider.js';
import { stock, type StockCommand, type StockState } from '../decide/stock.decider.js';
import { warehouse } from '../decide/warehouse.decider.js';
import { displace } from './participant.js';

/** What people do to a shelf: count it, add to it, set goods aside, throw those away, keep some back. */
export type ShelfCommand = Extract<StockCommand, { type: 'CountStock' | 'AdjustStock' | 'SetAside' | 'ScrapStock' | 'SetSafety' }>;

/** More is promised than the shelf would hold, and not all the locks that have it are known to the caller: so many more have to be taken back. */
export class LocksNeeded extends Error {
  override readonly name = 'LocksNeeded';

  constructor(readonly warehouse: string, readonly sku: string, readonly lacking: number) {
    super(`${lacking} of ${sku} in ${warehouse} are promised and would not be there`);
  }
}

/**
 * Moves a shelf. Where more is promised than would be left, locks are displaced first, in the order given; throws
 * `LocksNeeded` if they do not suffice. Answers whether anything changed.
 */
export const moveShelf = (unit: Unit, command: ShelfCommand, victims: readonly string[]): boolean => {
  const { warehouse: site, sku } = command.data;
  if (unit.state(warehouse, site) === null) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${site}"; import it with Warehouses/Import`);
  if (unit.state(article, sku) === null) throw new Refused('UNKNOWN_SKU', `"${sku}" is not in the catalogue; import it with Catalogue/Import`);
  const lacking = shortfall(unit.state(stock, stockId(site, sku)), command);
  const left = lacking > 0 ? displace(unit, site, sku, lacking, victims) : 0;
  if (left > 0) throw new LocksNeeded(site, sku, left);
  return unit.run(stock, stockId(site, sku), command).length > 0;
};

// 0 also for what the stock itself will refuse, or leave as it is: nobody loses a lock for that.
const shortfall = (state: StockState, { type, data }: ShelfCommand): number => {
  // What was set aside is promised to nobody; what is kept back is a matter of promises to come.
  if (type === 'ScrapStock' || type === 'SetSafety') return 0;
  const onHand = type === 'CountStock' ? data.onHand : type === 'AdjustStock' ? state.onHand + data.delta : state.onHand;
  const unsellable = type === 'SetAside' ? state.unsellable + data.quantity : state.unsellable;
  if (type === 'CountStock' && data.asOf !== '' && data.asOf < state.countedAsOf) return 0;
  return Number.isSafeInteger(onHand) && onHand >= unsellable && unsellable >= 0 ? Math.max(0, state.held + state.confirmed - (onHand - unsellable)) : 0;
};
