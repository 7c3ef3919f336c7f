import { check, type Invariant } from '../invariant.ts';
import type { Sources } from '../sources.ts';

type Check = ReturnType<typeof check>;
type Money = { readonly amount: number; readonly currency: string };

/** Read models = what the logs say, list by list: each row against the facts that made it, and no row without facts. */
export const listInvariants = async (sources: Sources): Promise<readonly Invariant[]> => {
  const orders = check('6 the order list says what the log says');
  const platforms = check('6 the lists of channel orders and write-backs say what the log says');
  const parcels = check('6 the parcel list says what the log says');
  const desk = check('6 the desk finds every order, and bulk work says what the log says');
  const locks = check('6 the list of live locks says what the log says');
  const accounts = check('6 balances and vouchers are what was posted');
  await orderList(sources, orders);
  await platformLists(sources, platforms);
  await deskLists(sources, desk);
  await parcelList(sources, parcels);
  await liveLocks(sources, locks);
  await books(sources, accounts);
  return [orders, desk, platforms, parcels, locks, accounts].map((one) => one.done());
};

/** `SHIPPED`: it has left and nothing else is known of it. What lies between placing and shipping is the service's own business. */
const orderList = async (sources: Sources, orders: Check): Promise<void> => {
  const facts = new Map<string, { channel: string; channelOrderId: string; number: string; total: Money; end: '' | 'CANCELLED' | 'CLOSED'; stage: string }>();
  /** Whose an order is, or was when nobody has let go of it; that it is past its time is the reader's to see. */
  const claims = new Map<string, string>();
  for await (const { stream, type, data } of sources.log('order-core')) {
    if (stream.startsWith('claim-')) {
      const { orderId, by, until = '' } = JSON.parse(data) as { orderId: string; by: string; until?: string };
      claims.set(orderId, type === 'OrderClaimed' ? `${by} ${until}` : '');
    }
    if (!stream.startsWith('order-')) continue;
    const id = stream.slice('order-'.length);
    const known = facts.get(id);
    const said = (): { channel: string; channelOrderId: string; number: string; total: Money; stage: string } => JSON.parse(data);
    if (type === 'OrderPlaced') {
      const { channel, channelOrderId, number, total } = said();
      facts.set(id, { channel, channelOrderId, number, total, end: '', stage: '' });
    } else if (known && type === 'OrderAmended') known.total = said().total;
    else if (known && type === 'OrderCancelled') [known.end, known.stage] = ['CANCELLED', said().stage];
    else if (known && type === 'OrderClosed') known.end = 'CLOSED';
  }
  interface Row { order_id: string; channel: string; channel_order_id: string; number: string; state: string; total_amount: string; total_currency: string; waits_for: string; cancel_stage: string; claim: string }
  for await (const row of sources.rows<Row & Record<string, string>>('order-core', `SELECT order_id, channel, channel_order_id, number, state, total_amount, total_currency, waits_for, cancel_stage,
      CASE WHEN claimed_by = '' THEN '' ELSE claimed_by || ' ' || to_char(claimed_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END AS claim FROM read.order_list WHERE placed_at <> '' ORDER BY order_id`)) {
    const fact = facts.get(row.order_id);
    facts.delete(row.order_id);
    const end = row.state === 'CANCELLED' || row.state === 'REJECTED_RISK' ? 'CANCELLED' : row.state === 'CLOSED' ? 'CLOSED' : '';
    const wanted = fact && [fact.channel, fact.channelOrderId, fact.number, String(fact.total.amount), fact.total.currency, fact.end, fact.stage, fact.end === '', claims.get(row.order_id) ?? ''];
    const listed = [row.channel, row.channel_order_id, row.number, row.total_amount, row.total_currency, end, row.cancel_stage, row.waits_for !== '', row.claim];
    orders.that(JSON.stringify(wanted) === JSON.stringify(listed), () => `order ${row.order_id}: the list says ${row.state}, ${listed.join(' ')}; the log ${wanted?.join(' ') ?? 'knows no such order'}`);
  }
  for (const id of facts.keys()) orders.that(false, () => `order ${id}: it was placed and is not in the list`);
};

/** What orders are found by, one row for each and none besides; bulk work, with an outcome for every order that had one. */
const deskLists = async (sources: Sources, desk: Check): Promise<void> => {
  const placed = new Set<string>();
  const operations = new Map<string, { total: number; state: string; outcomes: string[] }>();
  for await (const { stream, type, data } of sources.log('order-core')) {
    if (type === 'OrderPlaced') placed.add(stream.slice('order-'.length));
    if (!stream.startsWith('operation-')) continue;
    const id = stream.slice('operation-'.length);
    const known = operations.get(id);
    const { total = 0, outcomes: told = [] } = JSON.parse(data) as { total?: number; outcomes?: readonly { orderId: string; outcome: string }[] };
    if (type === 'OperationStarted') operations.set(id, { total, state: 'RUNNING', outcomes: [] });
    else if (type === 'OutcomesNoted') known?.outcomes.push(...told.map(({ orderId, outcome }) => `${orderId} ${outcome}`));
    else if (known && type === 'OperationFinished') known.state = 'FINISHED';
    else if (known && type === 'OperationCancelled') known.state = 'CANCELLED';
  }
  for await (const { order_id: id } of sources.rows<Record<string, string>>('order-core', 'SELECT order_id FROM read.order_facets ORDER BY order_id')) desk.that(placed.delete(id!), () => `order ${id}: the desk finds it, and it was never placed`);
  for (const id of placed) desk.that(false, () => `order ${id}: it was placed, and the desk does not find it`);
  const kinds = ['DONE', 'REFUSED', 'FAILED'];
  const listedOnes = new Set<string>();
  for await (const row of sources.rows<Record<string, string>>('order-core', 'SELECT operation_id, total, done, refused, failed, state FROM read.operation ORDER BY operation_id')) {
    const fact = operations.get(row['operation_id']!);
    const wanted = fact && [fact.total, ...kinds.map((kind) => fact.outcomes.filter((one) => one.endsWith(` ${kind}`)).length), fact.state].join(' ');
    const listed = [row['total'], row['done'], row['refused'], row['failed'], row['state']].join(' ');
    desk.that(wanted === listed, () => `operation ${row['operation_id']}: the list says ${listed}; the log ${wanted ?? 'knows of none'}`);
    listedOnes.add(row['operation_id']!);
  }
  for await (const row of sources.rows<Record<string, string>>('order-core', 'SELECT operation_id, n, order_id, outcome FROM read.operation_outcome ORDER BY operation_id, n')) {
    const next = operations.get(row['operation_id']!)?.outcomes.shift();
    desk.that(next === `${row['order_id']} ${row['outcome']}`, () => `operation ${row['operation_id']}, outcome ${row['n']}: the list says ${row['order_id']} ${row['outcome']}; the log ${next ?? 'knows of none'}`);
  }
  for (const [id, { outcomes: left }] of operations) desk.that(listedOnes.has(id) && left.length === 0, () => `operation ${id}: ${listedOnes.has(id) ? `${left.length} of its outcomes are` : 'it is'} not in the list`);
};

const outcomes: Readonly<Record<string, string>> = { WriteBackRequested: 'PENDING', WriteBackNotNeeded: 'NOT_NEEDED', WriteBackUnknown: 'UNKNOWN', WriteBackSucceeded: 'DONE', WriteBackFailed: 'FAILED' };

const platformLists = async (sources: Sources, platforms: Check): Promise<void> => {
  const placed = new Map<string, { name: string; number: string }>();
  const told = new Map<string, string>();
  const levels = new Map<string, number>();
  for await (const { stream, type, data } of sources.log('ingest')) {
    if (stream.startsWith('channelOrder-') && (type === 'ChannelOrderReceived' || type === 'ChannelOrderAmended')) {
      const { order } = JSON.parse(data) as { order: { orderId: string; channel: string; channelOrderId: string; number: string } };
      placed.set(order.orderId, { name: `${order.channel}/${order.channelOrderId}`, number: order.number });
    } else if (stream.startsWith('writeBack-') && outcomes[type]) {
      const { parcelId, orderId } = JSON.parse(data) as { parcelId: string; orderId: string };
      told.set(`${parcelId}/${orderId}`, outcomes[type]);
    } else if (type === 'ChannelStockTold') {
      const { channel, sku, level } = JSON.parse(data) as { channel: string; sku: string; level: number };
      levels.set(`${channel}/${sku}`, level);
    }
  }
  for await (const row of sources.rows<Record<string, string>>('ingest', "SELECT order_id, channel, channel_order_id, number, state FROM read.channel_order WHERE state = 'PLACED' ORDER BY order_id")) {
    const fact = placed.get(row['order_id']!);
    placed.delete(row['order_id']!);
    platforms.that(fact?.name === `${row['channel']}/${row['channel_order_id']}` && fact.number === row['number'], () => `channel order ${row['order_id']}: the list says ${row['channel']}/${row['channel_order_id']} ${row['number']}, the log ${fact ? `${fact.name} ${fact.number}` : 'has not placed it'}`);
  }
  for (const id of placed.keys()) platforms.that(false, () => `channel order ${id}: it was received and is not in the list as placed`);
  for await (const row of sources.rows<Record<string, string>>('ingest', 'SELECT parcel_id, order_id, state FROM read.write_back ORDER BY order_id, parcel_id')) {
    const key = `${row['parcel_id']}/${row['order_id']}`;
    platforms.that(told.get(key) === row['state'], () => `write-back of parcel ${row['parcel_id']}, order ${row['order_id']}: the list says ${row['state']}, the log ${told.get(key) ?? 'knows of none'}`);
    told.delete(key);
  }
  for (const key of told.keys()) platforms.that(false, () => `write-back ${key} is not in the list`);
  for await (const row of sources.rows<Record<string, string>>('ingest', 'SELECT channel, sku, level FROM read.channel_level ORDER BY channel, sku')) {
    const key = `${row['channel']}/${row['sku']}`;
    platforms.that(levels.get(key) === Number(row['level']), () => `stock of ${key}: the list says that it was told ${row['level']}, the log ${levels.get(key) ?? 'nothing'}`);
    levels.delete(key);
  }
  for (const key of levels.keys()) platforms.that(false, () => `stock of ${key}: the channel was told, and it is not in the list`);
};

const parcelList = async (sources: Sources, parcels: Check): Promise<void> => {
  const facts = new Map<string, { version: number; end: '' | 'SHIPPED' | 'VOIDED'; waybill: string }>();
  for await (const { stream, version, type, data } of sources.log('carrier')) {
    if (!stream.startsWith('parcel-')) continue;
    const id = stream.slice('parcel-'.length);
    const fact = facts.get(id) ?? { version: 0, end: '', waybill: '' };
    facts.set(id, fact);
    fact.version = version;
    if (type === 'ParcelShipped') fact.end = 'SHIPPED';
    if (type === 'ParcelVoided') fact.end = 'VOIDED';
    if (type === 'WaybillIssued') fact.waybill = (JSON.parse(data) as { waybill: string }).waybill;
  }
  for await (const row of sources.rows<Record<string, string>>('carrier', 'SELECT parcel_id, state, waybill, version FROM read.parcel ORDER BY parcel_id')) {
    const fact = facts.get(row['parcel_id']!);
    facts.delete(row['parcel_id']!);
    const end = row['state'] === 'SHIPPED' || row['state'] === 'VOIDED' ? row['state'] : '';
    const labelled = row['state'] !== 'SHIPPED' && row['state'] !== 'WAYBILLED' ? true : row['waybill'] === fact?.waybill;
    parcels.that(fact?.version === Number(row['version']) && fact.end === end && labelled, () => `parcel ${row['parcel_id']}: the list says ${row['state']} ${row['waybill']} v${row['version']}, the log ${fact ? `${fact.end || 'under way'} ${fact.waybill} v${fact.version}` : 'knows no such parcel'}`);
  }
  for (const id of facts.keys()) parcels.that(false, () => `parcel ${id} is not in the list`);
};

const liveLocks = async (sources: Sources, locks: Check): Promise<void> => {
  const live = new Map<string, number>();
  let ever = 0;
  for await (const { stream, type, data } of sources.log('allocation')) {
    if (!stream.startsWith('stock-')) continue;
    const { lockId, sku, quantity } = JSON.parse(data) as { lockId: string; sku: string; quantity: number };
    if (type === 'StockHeld') {
      live.set(`${lockId} ${sku}`, quantity);
      ever += 1;
    } else if (type === 'HoldReleased' || type === 'StockTaken') live.delete(`${lockId} ${sku}`);
  }
  for await (const row of sources.rows<Record<string, string>>('allocation', 'SELECT lock_id, sku, quantity FROM read.live_lock ORDER BY lock_id, sku')) {
    const key = `${row['lock_id']} ${row['sku']}`;
    locks.that(live.get(key) === Number(row['quantity']), () => `lock ${key}: the list says ${row['quantity']}, the log ${live.get(key) ?? 'that it is over'}`);
    live.delete(key);
  }
  for (const key of live.keys()) locks.that(false, () => `lock ${key} is live and not in the list`);
  // Where every lock is over, an empty list is right.
  if (ever > 0) locks.that(true, () => '');
};

/** Balances, vouchers and postings of settlement: each is what was posted, and all that was posted is there. */
export const books = async (sources: Sources, accounts: Check): Promise<void> => {
  const sums = new Map<string, number>();
  const posted = new Map<string, string>();
  for await (const { type, data } of sources.log('settlement')) {
    if (type !== 'VoucherPosted') continue;
    const { voucherId, postings } = JSON.parse(data) as { voucherId: string; postings: readonly { account: string; amount: Money }[] };
    posted.set(voucherId, postings.map(({ account, amount }) => `${account} ${amount.amount} ${amount.currency}`).join());
    for (const { account, amount } of postings) sums.set(`${account} ${amount.currency}`, (sums.get(`${account} ${amount.currency}`) ?? 0) + amount.amount);
  }
  for (const row of await sources.query<Record<string, string>>('settlement', 'SELECT account, currency, balance FROM read.account')) {
    const key = `${row['account']} ${row['currency']}`;
    accounts.that(sums.get(key) === Number(row['balance']), () => `account ${key}: the list says ${row['balance']}, the vouchers ${sums.get(key) ?? 0}`);
    sums.delete(key);
  }
  for (const [key, sum] of sums) accounts.that(false, () => `account ${key}: ${sum} was posted, and the list has no such account`);
  const unbooked = new Set(posted.keys());
  for await (const row of sources.rows<Record<string, string>>('settlement', `SELECT voucher_id, string_agg(account || ' ' || amount || ' ' || currency, ',' ORDER BY n) AS postings FROM read.posting GROUP BY voucher_id ORDER BY voucher_id`)) {
    accounts.that(posted.get(row['voucher_id']!) === row['postings'], () => `voucher ${row['voucher_id']}: the books say ${row['postings']}, the log ${posted.get(row['voucher_id']!) ?? 'nothing'}`);
    unbooked.delete(row['voucher_id']!);
  }
  for (const id of unbooked) accounts.that(false, () => `voucher ${id}: its postings are not in the books`);
  for await (const row of sources.rows<Record<string, string>>('settlement', 'SELECT voucher_id FROM read.voucher ORDER BY voucher_id')) {
    accounts.that(posted.delete(row['voucher_id']!), () => `voucher ${row['voucher_id']} is in the list and was never posted`);
  }
  for (const id of posted.keys()) accounts.that(false, () => `voucher ${id} is not in the list`);
};
