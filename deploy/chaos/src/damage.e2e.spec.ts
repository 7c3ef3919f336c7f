import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, order, topics, tracking } from '@flotilla/contracts';
import { startTestFleet, type TestFleet } from '@flotilla/demo';
import { serviceNames, type ServiceName } from '@flotilla/tasks';
import { stillness, verify, verifyKafka, verifyProvenanceText, type Invariant } from '@flotilla/verify';
import { tamperWith, type Message, type Tampering } from './tampering.ts';

interface Found {
  /** How the name of the invariant that must break begins. */
  readonly invariant: string;
  /** Must be named by it. */
  readonly id: string;
}

describe('verify, given the logs, lists and topics of a little run', () => {
  let fleet: TestFleet;
  let hand: Tampering;
  let asOf: Date;
  /** What a buyer kept of a parcel's page while the fleet was up. */
  let provenance: string;

  beforeAll(async () => {
    fleet = await startTestFleet({ rate: 20_000 });
    const [settings, shipments] = [connect(tracking.BuyerSettings, fleet.stack.run.grpc['tracking']!), connect(tracking.Shipments, fleet.stack.run.grpc['tracking']!)];
    const { notices, embedIn, warehouseNames } = await settings.get({ version: 0 });
    await settings.put({ requestId: crypto.randomUUID(), notices, embedIn, provenance: true, warehouseNames });
    const voyage = await fleet.sail({ orders: 15, rate: 20, seed: 23 });
    expect(voyage.settled).toBe(true);
    expect(await stillness({ dir: fleet.dir, withinMs: 60_000 })).toEqual([]);
    const desk = connect(order.Orders, fleet.stack.run.grpc['order-core']!);
    const [mine, given] = (await desk.list({ page: { size: 2 } })).orders;
    await desk.claim({ orderId: mine!.orderId, requestId: crypto.randomUUID() });
    await desk.claim({ orderId: given!.orderId, requestId: crypto.randomUUID() });
    await desk.releaseClaim({ orderId: given!.orderId, requestId: crypto.randomUUID() });
    desk.close();
    expect(await stillness({ dir: fleet.dir, withinMs: 60_000 })).toEqual([]);
    const { pageUrl } = (await shipments.list({ milestone: 'MILESTONE_DELIVERED' })).shipments.find(({ carrier }) => carrier === 'sf')!;
    provenance = await (await fetch(`${pageUrl}/provenance.json`)).text();
    settings.close();
    shipments.close();
    await fleet.stack.fleet.end();
    asOf = new Date();
    hand = await tamperWith(fleet.dir, fleet.stack.run, serviceNames);
  }, 300_000);
  afterEach(() => hand?.restore(), 60_000);
  afterAll(async () => {
    await hand?.close();
    await fleet?.stop();
  }, 60_000);

  const broken = async (): Promise<readonly Invariant[]> => (await verify({ dir: fleet.dir, asOf })).invariants.filter(({ holds }) => !holds);
  const expectNamed = (found: readonly Invariant[], ...wanted: readonly Found[]): void => {
    for (const { invariant, id } of wanted) {
      const one = found.find(({ name }) => name.startsWith(invariant));
      expect([invariant, one?.faults.join('\n') ?? 'holds']).toEqual([invariant, expect.stringContaining(id)]);
    }
  };
  const one = async <Row extends Record<string, string>>(service: ServiceName, sql: string, values: readonly unknown[] = []): Promise<Row> => {
    const [row] = await hand.query<Row>(service, sql, values);
    if (!row) throw new Error(`${service} has nothing for ${sql}`);
    return row;
  };
  const closedOrder = async (): Promise<string> => (await one<{ stream_id: string }>('order-core', "SELECT stream_id FROM es.event WHERE type = 'OrderClosed' ORDER BY position LIMIT 1")).stream_id;
  const shelf = async (): Promise<{ stream: string; warehouse: string; sku: string; level: { onHand: number; unsellable: number; held: number; confirmed: number } }> => {
    const { stream_id, data } = await one<{ stream_id: string; data: string }>('allocation', "SELECT stream_id, data::text FROM es.event WHERE type = 'StockTaken' ORDER BY position DESC LIMIT 1");
    const newest = JSON.parse((await one<{ data: string }>('allocation', 'SELECT data::text FROM es.event WHERE stream_id = $1 ORDER BY version DESC LIMIT 1', [stream_id])).data);
    return { stream: stream_id, ...(JSON.parse(data) as { warehouse: string; sku: string }), level: newest.level };
  };

  it('finds nothing where nothing was done', async () => {
    expect(await broken()).toEqual([]);
    expect((await verifyKafka({ dir: fleet.dir })).invariants.filter(({ holds }) => !holds)).toEqual([]);
  }, 60_000);

  it('ORD-12: a provenance that a buyer kept holds; an event that was rewritten since is named by its step, also with all hashes after it made to fit', async () => {
    const told = (await verifyProvenanceText({ dir: fleet.dir, text: provenance })).invariants;
    expect(told).toMatchObject([{ holds: true, faults: [] }]);
    const { steps } = JSON.parse(provenance) as { steps: readonly { step: string; event: { stream: string } }[] };
    const names = steps.map(({ step }) => step);
    // The little run ships without a packing desk.
    expect([...names.slice(0, 4), names.at(-1)]).toEqual(['PLACED', 'PAID', 'RELEASED', 'SHIPPED', 'MILESTONE_DELIVERED']);
    const parcel = steps[3]!.event.stream;
    await hand.query('carrier', `UPDATE es.event SET data = replace(data::text, '"shippedAt":"2', '"shippedAt":"1')::json WHERE stream_id = $1 AND type = 'ParcelShipped'`, [parcel]);
    const faults = async (): Promise<string> => (await verifyProvenanceText({ dir: fleet.dir, text: provenance })).invariants.flatMap((found) => found.faults).join('\n');
    expect(await faults()).toContain(`step 4 (SHIPPED): content or hash of carrier ${parcel}`);
    await hand.rechain('carrier', parcel);
    expect(await faults()).toContain('step 4 (SHIPPED): the hash is');
  }, 60_000);

  it('ORD-12: who has not read to the end, or not followed its own log to the end, is told apart from damage', async () => {
    const [partition] = await hand.query<{ consumer: string; topic: string; partition: number }>('allocation', "UPDATE es.consumer_offset SET next_offset = next_offset - 1 WHERE (consumer, topic, partition) IN (SELECT consumer, topic, partition FROM es.consumer_offset WHERE topic <> 'es' AND next_offset > 0 LIMIT 1) RETURNING consumer, topic, partition");
    const [follower] = await hand.query<{ name: string }>('settlement', 'UPDATE es.checkpoint SET position = position - 1 WHERE name = (SELECT min(name) FROM es.checkpoint) RETURNING name');
    expect(await stillness({ dir: fleet.dir, withinMs: 0 })).toEqual([
      expect.stringContaining(`allocation (${partition!.consumer}) has read ${partition!.topic}/${partition!.partition} to `),
      expect.stringContaining(`settlement's follower ${follower!.name} is at `),
    ]);
  }, 60_000);

  it('ORD-12: an event whose data was changed', async () => {
    const order = await closedOrder();
    await hand.query('order-core', `UPDATE es.event SET data = replace(data::text, '"number":"', '"number":"9')::json WHERE stream_id = $1 AND version = 1`, [order]);
    expectNamed(await broken(), { invariant: '6 hash chains', id: `${order} v1` });
  }, 60_000);

  it('ORD-12: an event that was changed, with all hashes after it made to fit', async () => {
    const order = await closedOrder();
    await hand.query('order-core', `UPDATE es.event SET data = replace(data::text, '"number":"', '"number":"9')::json WHERE stream_id = $1 AND version = 1`, [order]);
    await hand.rechain('order-core', order);
    const found = await broken();
    expect(found.filter(({ name }) => name.startsWith('6 hash chains'))).toEqual([]);
    expectNamed(found, { invariant: '6 Kafka carries', id: `${order} v1` }, { invariant: '6 anchors', id: 'order-core' });
  }, 60_000);

  it('ORD-12: the same where the event was never published: the anchors know', async () => {
    const { stream_id } = await one<{ stream_id: string }>('order-core', "SELECT stream_id FROM es.event WHERE type = 'ContentTaken' ORDER BY position LIMIT 1");
    await hand.query('order-core', `UPDATE es.event SET data = replace(data::text, '"modifiedAt":"2', '"modifiedAt":"1')::json WHERE stream_id = $1 AND type = 'ContentTaken'`, [stream_id]);
    await hand.rechain('order-core', stream_id);
    expectNamed(await broken(), { invariant: '6 anchors', id: 'order-core' });
  }, 60_000);

  it('ORD-12: a foreign event that its owner rewrote after others had acted on it', async () => {
    const { stream_id, version } = await one<{ stream_id: string; version: string }>('carrier', "SELECT stream_id, version FROM es.event WHERE type = 'ParcelShipped' ORDER BY position LIMIT 1");
    await hand.query('carrier', `UPDATE es.event SET data = replace(data::text, '"waybill":"', '"waybill":"X')::json WHERE stream_id = $1 AND version = $2`, [stream_id, version]);
    await hand.rechain('carrier', stream_id);
    expectNamed(await broken(), { invariant: '6 every foreign event', id: `${stream_id} v${version}` });
  }, 60_000);

  it('ORD-12: an event that was deleted', async () => {
    const order = await closedOrder();
    await hand.query('order-core', 'DELETE FROM es.event WHERE stream_id = $1 AND version = 2', [order]);
    expectNamed(await broken(), { invariant: '6 hash chains', id: `${order}: v2 is missing` });
  }, 60_000);

  it('ORD-12: the last event of a stream deleted, and its head set back', async () => {
    // One whose last event was published: what is only noted after the closing is nobody else's to miss.
    const order = (await one<{ stream_id: string }>('order-core', "SELECT e.stream_id FROM es.event e JOIN es.stream s USING (stream_id) WHERE e.type = 'OrderClosed' AND e.version = s.version ORDER BY e.position LIMIT 1")).stream_id;
    const { version } = await one<{ version: string }>('order-core', 'DELETE FROM es.event WHERE stream_id = $1 AND version = (SELECT version FROM es.stream WHERE stream_id = $1) RETURNING version', [order]);
    await hand.rechain('order-core', order);
    expectNamed(await broken(), { invariant: '6 Kafka carries', id: `${order} v${version}` });
  }, 60_000);

  it('ORD-12: a whole stream that is gone', async () => {
    const order = await closedOrder();
    await hand.query('order-core', 'DELETE FROM es.event WHERE stream_id = $1', [order]);
    await hand.query('order-core', 'DELETE FROM es.stream WHERE stream_id = $1', [order]);
    const id = order.slice('order-'.length);
    expectNamed(await broken(), { invariant: '6 Kafka carries', id: order }, { invariant: '4 every channel order', id }, { invariant: '6 the order list', id });
  }, 60_000);

  it('ALC-02: a row of the stock list', async () => {
    const { warehouse, sku } = await one<{ warehouse: string; sku: string }>('allocation', 'UPDATE read.stock SET on_hand = on_hand + 1 WHERE (warehouse, sku) = (SELECT warehouse, sku FROM read.stock ORDER BY 1, 2 LIMIT 1) RETURNING warehouse, sku');
    expectNamed(await broken(), { invariant: '1 stock: replay = projection', id: `${warehouse} ${sku}` });
  }, 60_000);

  it('OPS-01: an order that is said to be somebody’s', async () => {
    const { order_id } = await one<{ order_id: string }>('order-core', "UPDATE read.order_list SET claimed_by = 'caller:eve' WHERE order_id = (SELECT order_id FROM read.order_list WHERE claimed_by <> '' LIMIT 1) RETURNING order_id");
    expectNamed(await broken(), { invariant: '6 the order list', id: order_id });
  }, 60_000);

  it('ORD-11: a row of the order list', async () => {
    const { order_id } = await one<{ order_id: string }>('order-core', "UPDATE read.order_list SET state = 'CANCELLED' WHERE order_id = (SELECT order_id FROM read.order_list WHERE state = 'CLOSED' LIMIT 1) RETURNING order_id");
    expectNamed(await broken(), { invariant: '6 the order list', id: order_id });
  }, 60_000);

  it('ORD-11, ORD-16: an order that the desk finds no more, and bulk work that nobody did', async () => {
    const { order_id } = await one<{ order_id: string }>('order-core', 'DELETE FROM read.order_facets WHERE order_id = (SELECT min(order_id) FROM read.order_facets) RETURNING order_id');
    await hand.query('order-core', "INSERT INTO read.operation (operation_id, started, act, total, done, refused, failed, state, started_by, started_at, ended_at) VALUES ('made up', 1, '{}', 1, 1, 0, 0, 'FINISHED', '', '', '')");
    expectNamed(await broken(), { invariant: '6 the desk finds every order', id: order_id }, { invariant: '6 the desk finds every order', id: 'made up' });
  }, 60_000);

  it('CAR-12, ING-13, SET-04: rows of the lists of parcels, write-backs and accounts', async () => {
    const { parcel_id } = await one<{ parcel_id: string }>('carrier', "UPDATE read.parcel SET waybill = 'SF0' WHERE parcel_id = (SELECT parcel_id FROM read.parcel WHERE state = 'SHIPPED' LIMIT 1) RETURNING parcel_id");
    const { order_id } = await one<{ order_id: string }>('ingest', "UPDATE read.write_back SET state = 'FAILED' WHERE order_id = (SELECT order_id FROM read.write_back WHERE state = 'DONE' LIMIT 1) RETURNING order_id");
    const { account } = await one<{ account: string }>('settlement', 'UPDATE read.account SET balance = balance + 1 WHERE account = (SELECT account FROM read.account LIMIT 1) RETURNING account');
    expectNamed(await broken(), { invariant: '6 the parcel list', id: parcel_id }, { invariant: '6 the lists of channel orders', id: order_id }, { invariant: '6 balances', id: account });
  }, 60_000);

  it('ALC-02: a lock beyond what there is', async () => {
    const { stream, warehouse, sku, level } = await shelf();
    const quantity = level.onHand + 1;
    const lockId = crypto.randomUUID();
    await hand.append('allocation', stream, [{ type: 'StockHeld', data: { warehouse, sku, lockId, foId: crypto.randomUUID(), quantity, priority: 0, level: { ...level, held: level.held + quantity } } }]);
    expectNamed(await broken(), { invariant: '1 stock: held + confirmed', id: stream });
  }, 60_000);

  it('ALC-01: a lock of a fulfilment order that is finished', async () => {
    const { stream, warehouse, sku, level } = await shelf();
    const foId = (await closedOrder()).slice('order-'.length);
    const lockId = crypto.randomUUID();
    const common = { lockId, foId, round: 9, warehouse };
    await hand.append('allocation', stream, [
      { type: 'StockHeld', data: { warehouse, sku, lockId, foId, quantity: 1, priority: 0, level: { ...level, held: level.held + 1 } } },
      { type: 'HoldConfirmed', data: { warehouse, sku, lockId, foId, quantity: 1, level: { ...level, confirmed: level.confirmed + 1 } } },
    ]);
    await hand.append('allocation', `lock-${lockId}`, [
      { type: 'StockLocked', data: { ...common, fence: 1, expiresAt: new Date().toISOString(), lines: [{ sku, quantity: 1 }] } },
      { type: 'StockConfirmed', data: { ...common, fence: 1 } },
    ]);
    expectNamed(await broken(), { invariant: '3 no lock belongs to a finished', id: lockId }, { invariant: '2 per line', id: foId });
  }, 60_000);

  it('CAR-12: a waybill that two parcels have', async () => {
    const rows = await hand.query<{ stream_id: string; data: string }>('carrier', "SELECT stream_id, data::text FROM es.event WHERE type = 'WaybillIssued' ORDER BY position LIMIT 2");
    const [first, second] = rows.map(({ data }) => JSON.parse(data) as { parcelId: string; waybill: string });
    await hand.append('carrier', rows[1]!.stream_id, [{ type: 'WaybillIssued', data: { ...second, waybill: first!.waybill } }]);
    const found = await broken();
    expectNamed(found, { invariant: '5 every shipped parcel has one waybill', id: first!.waybill }, { invariant: '5 every shipped parcel has one waybill', id: second!.parcelId });
  }, 60_000);

  it('ING-13: a shipment that was told twice', async () => {
    const { stream_id, data } = await one<{ stream_id: string; data: string }>('ingest', "SELECT stream_id, data::text FROM es.event WHERE type = 'WriteBackSucceeded' ORDER BY position LIMIT 1");
    await hand.append('ingest', stream_id, [{ type: 'WriteBackSucceeded', data: JSON.parse(data) as object }]);
    expectNamed(await broken(), { invariant: '5 every shipped parcel and channel order', id: (JSON.parse(data) as { parcelId: string }).parcelId });
  }, 60_000);

  it('SET-04: a voucher that does not sum to zero', async () => {
    const { data } = await one<{ data: string }>('settlement', "SELECT data::text FROM es.event WHERE type = 'VoucherPosted' ORDER BY position LIMIT 1");
    const voucher = JSON.parse(data) as { postings: { amount: { amount: number } }[] };
    const voucherId = crypto.randomUUID();
    voucher.postings[0]!.amount.amount += 1;
    await hand.append('settlement', `voucher-${voucherId}`, [{ type: 'VoucherPosted', data: { ...voucher, voucherId } }]);
    expectNamed(await broken(), { invariant: '6 every voucher', id: voucherId }, { invariant: '6 the ledger', id: '1 ' });
  }, 60_000);

  const anchorOf = (service: ServiceName, message: Message): boolean => message.key === service;

  it('ORD-12: an anchor on Kafka that says something else', async () => {
    await hand.rewrite(topics.anchors, (message) => (anchorOf('carrier', message) ? { ...message, value: message.value.replace(/"root":"../, '"root":"00') } : message));
    expectNamed(await broken(), { invariant: '6 anchors', id: 'carrier' });
  }, 60_000);

  it('ORD-12: an anchor that is gone from Kafka', async () => {
    let version = '';
    await hand.rewrite(topics.anchors, (message) => {
      if (version !== '' || !anchorOf('allocation', message)) return message;
      version = message.headers['sequence']!;
      return undefined;
    });
    expectNamed(await broken(), { invariant: '6 Kafka carries', id: `allocation anchor-log v${version}` });
  }, 60_000);

  it('ORD-12: a message that is missing on Kafka', async () => {
    let lost: Message | undefined;
    await hand.rewrite(topics.parcel, (message) => {
      if (lost || !message.headers['ce_type']!.endsWith('ParcelShipped')) return message;
      lost = message;
      return undefined;
    });
    expectNamed(await broken(), { invariant: '6 Kafka carries', id: `${lost!.headers['ce_source']} v${lost!.headers['sequence']}` });
  }, 60_000);

  it('ALC-01: by the topics alone, a unit that left and was never taken from a lock', async () => {
    let lost: { parcelId: string } | undefined;
    await hand.rewrite(topics.lockReplies, (message) => {
      const data = JSON.parse(message.value) as { parcelId: string };
      if (!message.headers['ce_type']!.endsWith('StockConsumed') || (lost !== undefined && lost.parcelId !== data.parcelId)) return message;
      lost = data;
      return undefined;
    });
    const { invariants } = await verifyKafka({ dir: fleet.dir });
    expectNamed(invariants.filter(({ holds }) => !holds), { invariant: 'Kafka: every unit that left', id: lost!.parcelId });
  }, 60_000);

  it('ALR-03: a timer that nobody looked at', async () => {
    await hand.query('alerts', `INSERT INTO es.timer (key, clock, due_at, data, set_by, correlation) VALUES ('watch-forgotten', 'machine', now() - interval '1 hour', '{}', 1, 'x')`);
    expectNamed(await broken(), { invariant: '7 no service has an overdue timer', id: 'watch-forgotten' });
  }, 60_000);
});
