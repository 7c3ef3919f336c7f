import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, carrier as carrierApi, order as orderApi, settlement as settlementApi, topics, tracking as trackingApi } from '@flotilla/contracts';
import { orderIdOf } from '@flotilla/values';
import pg from 'pg';
import { serviceNames, databaseOf, urlOf } from '../../tasks/index.ts';
import { stillness, verify } from '../../verify/src/index.ts';
import { openSources } from '../../verify/src/sources.ts';
import { bufCurl, grpcurl, holds, readExamples, runExamples, says } from './examples.ts';
import { startTestFleet, type TestFleet } from './harness.ts';
import type { Voyage } from './voyage.ts';
import type { PlanEntry } from './world.ts';

// Every edge that one order's trace must have: the service whose event it was, the service that handled it, and the span.
const edges = [
  ['ingest', 'order-core', `process ${topics.ingest}`],
  ['order-core', 'allocation', `process ${topics.order}`],
  ['allocation', 'allocation', `process ${topics.lockRequests}`],
  ['allocation', 'allocation', `process ${topics.lockReplies}`],
  ['allocation', 'order-core', `process ${topics.allocation}`],
  ['order-core', 'carrier', `process ${topics.order}`],
  ['order-core', 'settlement', `process ${topics.order}`],
  ['order-core', 'alerts', `process ${topics.order}`],
  ['carrier', 'carrier', 'perform waybill'],
  ['carrier', 'order-core', `process ${topics.parcel}`],
  ['carrier', 'tracking', `process ${topics.parcel}`],
  ['carrier', 'ingest', `process ${topics.parcel}`],
  ['carrier', 'allocation', `process ${topics.parcel}`],
  ['carrier', 'settlement', `process ${topics.parcel}`],
  ['tracking', 'order-core', `process ${topics.tracking}`],
  ['tracking', 'alerts', `process ${topics.tracking}`],
] as const;

describe('one signed Shopify order', () => {
  let fleet: TestFleet;
  let voyage: Voyage;
  let entry: PlanEntry;
  let orderId: string;
  let payload: { email: string; shipping_address: { name: string; phone: string | null; address1: string } };

  beforeAll(async () => {
    fleet = await startTestFleet();
    voyage = await fleet.sail({ orders: 1 });
    const { sandbox } = fleet.stack.run;
    [entry] = ((await (await fetch(`${sandbox}/_control/run/plan`)).json()) as { entries: [PlanEntry] }).entries;
    orderId = orderIdOf(entry.channel, entry.channelOrderId);
    ({ payload } = (await (await fetch(`${sandbox}/_control/shopify/orders/${entry.channelOrderId}`)).json()) as { payload: typeof payload });
  }, 560_000);
  afterAll(() => fleet?.stop(), 60_000);

  it('ING-01, ORD-01: goes through seven services to closed', async () => {
    expect(voyage.counts).toMatchObject({
      orders: { sent: 1, distinct: 1, duplicates: 0, parked: 0, placed: 1, completed: 1, cancelled: 0, backordered: 0, held: [] },
      parcels: { waybilled: 1, voided: 0, shipped: 1, delivered: 1 },
      settlement: { statements: 1, flagged: 0 },
    });
    const orders = connect(orderApi.Orders, fleet.stack.run.grpc['order-core']!);
    const found = await orders.get({ orderId });
    expect(found as object).toMatchObject({ state: 'CLOSED', settled: true, waitsFor: '', allowedActions: expect.any(Array) });
    const { events } = await orders.history({ orderId });
    // ORD-12: each foreign event that was applied is named with its id and hash.
    expect(events.filter(({ sourceStream }) => sourceStream !== '').every(({ sourceEventId, sourceHash }) => sourceEventId !== '' && /^[0-9a-f]{64}$/.test(sourceHash))).toBe(true);
    const sources = (noted: boolean): ReadonlySet<string> => new Set(events.filter(({ stream }) => stream.startsWith('dossier-') === noted).map(({ sourceStream }) => sourceStream.split('-')[0]!));
    expect(sources(false)).toEqual(new Set(['channelOrder', 'allocation', 'parcel', 'shipment', 'receivable']));
    // What others say that changes nothing in the order stands in its dossier.
    expect(['channelOrder', 'allocation', 'parcel'].filter((one) => sources(true).has(one))).toEqual([]);
    orders.close();
  });

  it('ORD-12: keeps every invariant', async () => {
    expect(await stillness({ dir: fleet.dir, withinMs: 60_000 })).toEqual([]);
    const { invariants } = await verify({ dir: fleet.dir });
    expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
  }, 120_000);

  it('OPS-03: is one trace from the webhook to delivery, edge by edge', async () => {
    const spans = await fleet.spans();
    const webhook = spans.find(({ service, name }) => service === 'ingest' && name.startsWith('POST /v1/channels/'));
    expect(webhook).toBeDefined();
    const mine = spans.filter(({ traceId }) => traceId === webhook!.traceId);
    const byId = new Map(mine.map((span) => [span.spanId, span]));
    const seen = new Set(
      mine.flatMap((span) => {
        const parent = byId.get(span.parentSpanId ?? '');
        return parent ? [`${parent.service} → ${span.service}: ${span.name}`] : [];
      }),
    );
    expect(edges.map(([from, to, name]) => `${from} → ${to}: ${name}`).filter((edge) => !seen.has(edge))).toEqual([]);
  });

  it('ING-13: is written back to its platform once, with the waybill', async () => {
    const { fulfilments } = (await (await fetch(`${fleet.stack.run.sandbox}/_control/shopify/orders/${entry.channelOrderId}`)).json()) as { fulfilments: { tracking: { number: string } }[] };
    const parcels = connect(carrierApi.Parcels, fleet.stack.run.grpc['carrier']!);
    const { parcels: mine } = await parcels.list({});
    expect(fulfilments).toHaveLength(1);
    expect(JSON.stringify(fulfilments)).toContain(mine[0]!.waybill);
    const label = await parcels.label({ parcelId: mine[0]!.parcelId });
    expect(Buffer.from(label.data.subarray(0, 5)).toString()).toBe('%PDF-');
    parcels.close();
  });

  it('TRK-04, TRK-05: shows the buyer a page without personal data and sends mails', async () => {
    const shipments = connect(trackingApi.Shipments, fleet.stack.run.grpc['tracking']!);
    const { shipments: mine } = await shipments.list({});
    shipments.close();
    const page = await fetch(mine[0]!.pageUrl);
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(html.length).toBeLessThan(50_000);
    for (const secret of [payload.shipping_address.name, payload.shipping_address.address1, payload.email]) expect(html).not.toContain(secret);
    const { messages } = (await (await fetch(`${fleet.stack.run.sandbox}/_control/mail`)).json()) as { messages: { to: string[] | string }[] };
    expect(messages.length).toBeGreaterThanOrEqual(2);
    expect(messages.every(({ to }) => String(to).includes(payload.email))).toBe(true);
  });

  it('SET-04: leaves a ledger in which the receivable is paid', async () => {
    const ledger = connect(settlementApi.Ledger, fleet.stack.run.grpc['settlement']!);
    const { balances } = await ledger.trialBalance({});
    ledger.close();
    expect(balances.reduce((sum, { balance }) => sum + balance.amount, 0)).toBe(0);
    expect(balances.filter(({ account, balance }) => account === '1122' && balance.amount !== 0)).toEqual([]);
    expect(balances.length).toBeGreaterThan(2);
  });

  it('ALR-03: set an alert timer and called it off', () => {
    expect(voyage.weather['alert timers called off']).toBeGreaterThanOrEqual(1);
  });

  it.each([['buf curl', bufCurl] as const, ...(grpcurl ? [['grpcurl', grpcurl] as const] : [])])('OPS-04: answers the calls of docs/examples/grpcurl.md as it says, asked by %s', async (_, caller) => {
    const { ingest, 'order-core': order, allocation, carrier, tracking, settlement, alerts } = fleet.stack.run.grpc;
    const addresses = { INGEST: ingest!, ORDER: order!, ALLOCATION: allocation!, CARRIER: carrier!, TRACKING: tracking!, SETTLEMENT: settlement!, ALERTS: alerts! };
    const wrong: object[] = [];
    let calls = 0;
    const first = new Map<string, string>();
    for await (const { command, wanted, code, said } of runExamples(readExamples('docs/examples/grpcurl.md'), caller, addresses)) {
      calls += 1;
      const right = wanted.kind === 'json' ? code === 0 && holds(JSON.parse(said === '' ? '{}' : said) as unknown, JSON.parse(wanted.text)) : says(said, wanted.text);
      // A repeat under its request_id is answered as the first time.
      const same = said === (first.get(command) ?? said);
      first.set(command, said);
      if (!right || !same) wrong.push({ command, wanted: wanted.text, said });
    }
    expect(wrong).toEqual([]);
    expect(calls).toBeGreaterThan(12);
  }, 120_000);

  it('leaves no name, phone, street or e-mail in clear in databases, topics and logs', async () => {
    const { name, phone, address1 } = payload.shipping_address;
    const secrets = [name, address1, payload.email, ...(phone ? [phone, phone.replace(/\D/g, '').slice(-8)] : [])];
    const places: [string, string][] = [['logs', fleet.logs().split('\n').filter((line) => !line.includes('"service":"sandbox"')).join('\n')]];
    for (const service of serviceNames) {
      const client = new pg.Client(urlOf(fleet.stack.run.postgres, databaseOf(service)));
      await client.connect();
      const { rows: tables } = await client.query<{ schema: string; name: string }>("SELECT table_schema AS schema, table_name AS name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')");
      for (const table of tables) {
        const { rows } = await client.query<{ text: string }>(`SELECT t::text AS text FROM "${table.schema}"."${table.name}" t`);
        places.push([`${service} ${table.schema}.${table.name}`, rows.map(({ text }) => text).join('\n')]);
      }
      await client.end();
    }
    const sources = openSources(fleet.dir);
    for (const topic of Object.values(topics)) places.push([topic, JSON.stringify(await sources.topic(topic))]);
    await sources.close();
    expect(places.length).toBeGreaterThan(40);
    expect(places.flatMap(([place, text]) => secrets.filter((secret) => text.includes(secret)).map((secret) => `${place}: ${secret}`))).toEqual([]);
  });
});
