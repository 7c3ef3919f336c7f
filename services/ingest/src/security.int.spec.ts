import { createHmac } from 'node:crypto';
import { connect, ops, type Client } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { open, subjectOf } from '@flotilla/values';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { filesSecret, personalWords, World } from '../spec/world.js';

const patient = { timeoutMs: 60_000 };
const sealedText = /sealed\.v1\.[A-Za-z0-9_:-]+\.\w+\.[A-Za-z0-9_-]{38,}/g;

describe('people and channels that are not one’s own, on real Postgres and Kafka', () => {
  const world = new World();
  let audit: Client<ops.AuditLogRpc>;
  const [theirs, again, other] = ['8800000000001', '8800000000002', '8800000000003'];
  const dpo = { metadata: { 'x-caller': 'dpo' } };

  beforeAll(async () => {
    await world.start();
    audit = connect(ops.AuditLog, world.service.grpc, { audience: 'ingest' });
  }, 120_000);
  afterAll(async () => {
    audit?.close();
    await world.stop();
  }, 60_000);

  /** All that is sealed for a person, wherever it stands: events, read models, quarantine, Kafka. */
  const sealedFor = async (subject: string): Promise<readonly string[]> => {
    const everywhere = [await world.everythingStored(), ...world.rawRecords.map(({ value }) => value?.toString() ?? '')].join('\n');
    return [...new Set(everywhere.match(sealedText))].filter((text) => subjectOf(text) === subject);
  };
  const opened = async (texts: readonly string[]): Promise<readonly (string | undefined)[]> => {
    const { keys } = await world.keys.get({ subjects: [...new Set(texts.map(subjectOf))] });
    const found = new Map(keys.map(({ subject, key }) => [subject, key.length > 0 ? key : undefined]));
    return texts.map((text) => open((subject) => found.get(subject), text));
  };

  it('OPS-07: destroys the key, after which nothing of the person opens, in events, read models and Kafka alike; others stay readable', async () => {
    const customer = { customer: { id: 990, email: 'a@b.example', phone: '+36301239876', first_name: 'Zsófia', last_name: 'Próbafalvi' } };
    expect(await world.webhook(world.order(theirs, customer))).toMatchObject({ status: 200 });
    expect(await world.webhook(world.order(other, { customer: { ...customer.customer, id: 991 } }))).toMatchObject({ status: 200 });
    const [person, neighbour] = await eventually(() => [world.received(world.orderId(theirs)).buyer.subject, world.received(world.orderId(other)).buyer.subject] as const, patient);
    expect(person).not.toBe(neighbour);
    const before = await sealedFor(person);
    expect(before.length).toBeGreaterThan(6);
    expect((await opened(before)).join(' ')).toContain('Kossuth utca 77');

    await expect(world.keys.erase({ orderId: world.orderId(theirs), reason: 'their letter' }, { metadata: { 'x-caller': 'eve', 'x-caller-roles': 'operator' } })).rejects.toMatchObject({ code: 7 });
    await expect(world.keys.erase({ orderId: world.orderId(theirs) }, dpo)).rejects.toThrow('reason');
    await expect(world.keys.erase({ subject: '00000000-0000-4000-8000-000000000000', reason: 'x' }, dpo)).rejects.toThrow('no such person');
    const request = { requestId: 'letter-7', orderId: world.orderId(theirs), reason: 'letter 7 of 2026' };
    const answer = await world.keys.erase(request, dpo);
    expect(answer).toMatchObject({ subject: person, erasedBy: 'dpo' });
    expect([await world.keys.erase(request, dpo), await world.keys.erase({ subject: person, reason: 'once more' }, dpo)]).toEqual([answer, answer]);

    const after = await sealedFor(person);
    expect(after.length).toBeGreaterThanOrEqual(before.length);
    expect(new Set(await opened(after))).toEqual(new Set([undefined]));
    expect((await opened(await sealedFor(neighbour))).join(' ')).toContain('Kossuth utca 77');
    const { rows } = await world.db.pool.query<{ wrapped: Buffer | null }>('SELECT wrapped FROM keys.subject_key WHERE subject = $1', [person]);
    expect(rows).toEqual([{ wrapped: null }]);
    const stored = await world.everythingStored();
    for (const word of personalWords) expect([word, stored.includes(word)]).toEqual([word, false]);
  }, 120_000);

  it('OPS-07: nobody reaches a channel with what belongs to another: signatures, secrets, files, reports, and no path leads there', async () => {
    const neighbour = `next-${world.run}`;
    await world.channels.connect({ id: neighbour, platform: 'shopify', secret: 'shpss_other' });
    const body = world.order('8800000000009');
    const signed = { 'x-shopify-hmac-sha256': createHmac('sha256', 'shpss_spec').update(body).digest('base64') };
    // Taken from one shop's wire and played to another.
    expect((await world.webhook(body, signed, neighbour)).status).toBe(401);
    expect((await world.webhook(body, signed, world.shop)).status).toBe(200);
    expect((await world.webhook(body, { 'x-shopify-hmac-sha256': undefined }, neighbour)).status).toBe(401);
    // The same webhook once more, and with another id under the same signature: one order.
    expect((await world.webhook(body, { ...signed, 'x-shopify-webhook-id': 'played-again' })).status).toBe(200);
    // The list follows the log.
    await eventually(async () => expect((await world.orders.list({ channel: world.shop })).orders.filter(({ channelOrderId }) => channelOrderId === '8800000000009')).toHaveLength(1));

    const file = 'order_id,sku,quantity\nF-1,TEA-LJ-250,1\n';
    const upload = (channel: string, secret: string): Promise<Response> => fetch(`${world.service.http}/v1/channels/${channel}/orders:import`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'text/csv' }, body: file });
    expect([(await upload(world.shop, filesSecret)).status, (await upload(neighbour, 'shpss_spec')).status, (await upload('nobody', '')).status]).toEqual([401, 401, 401]);
    const mine = await upload(world.files, filesSecret);
    const { id } = (await mine.json()) as { id: string };
    const report = (channel: string, secret: string): Promise<number> => fetch(`${world.service.http}/v1/channels/${channel}/imports/${id}/report.csv`, { headers: { authorization: `Bearer ${secret}` } }).then(({ status }) => status);
    await eventually(async () => expect(await report(world.files, filesSecret)).toBe(200), patient);
    expect([await report(world.files, 'shpss_spec'), await report(neighbour, 'shpss_other'), await report(world.shop, filesSecret)]).toEqual([401, 404, 401]);
    for (const path of [`${neighbour}%2f..%2f${world.files}`, `${neighbour}/../${world.files}`, `${world.files}%00`, `${world.files}%20`, world.files.toUpperCase()]) {
      expect([400, 401, 404]).toContain(await report(path, 'shpss_other'));
    }
  }, 90_000);

  it('OPS-07: the log and the audit log say that it was done, by whom and why, and nothing of the person', async () => {
    const [event] = (await world.db.pool.query<{ data: { subject: string; by: string; reason: string } }>(`SELECT data FROM es.event WHERE type = 'SubjectErased'`)).rows;
    expect(event?.data).toMatchObject({ by: 'dpo', reason: 'letter 7 of 2026' });
    const { calls } = await audit.list({ method: 'flotilla.ingest.v1.SubjectKeys/Erase', page: { size: 10 } });
    expect(calls.map(({ caller, through, requestId, outcome }) => [caller, through, requestId, outcome])).toEqual([
      ['dpo', 'service:spec', '', 'OK'], ['dpo', 'service:spec', 'letter-7', 'OK'], ['dpo', 'service:spec', 'letter-7', 'OK'], ['dpo', 'service:spec', '', 'NOT_FOUND'], ['dpo', 'service:spec', '', 'BAD_REQUEST'],
      ['eve', 'service:spec', '', 'ROLE_MISSING'],
    ]);
    expect((await audit.list({ target: `subject=${event!.data.subject}` })).calls).toHaveLength(1);
    expect((await audit.list({ refused: true })).calls.map(({ caller }) => caller)).toEqual(['eve']);
  }, 60_000);

  it('OPS-07: what their platform sends later is not taken back in, also after a restart', async () => {
    audit.close();
    await world.stopService();
    await world.startService();
    audit = connect(ops.AuditLog, world.service.grpc, { audience: 'ingest' });
    const late = await world.webhook(world.order(again, { customer: { id: 990, first_name: 'Zsófia', last_name: 'Próbafalvi' } }));
    expect([late.status, late.body.code ?? late.body.orders?.[0]?.reason]).toEqual([expect.any(Number), 'SUBJECT_ERASED']);
    const stored = await world.everythingStored();
    for (const word of personalWords) expect([word, stored.includes(word)]).toEqual([word, false]);
    const person = (await world.db.pool.query<{ subject: string }>('SELECT subject FROM keys.subject_key WHERE wrapped IS NULL')).rows.map(({ subject }) => subject);
    expect(person).toHaveLength(1);
    expect((await world.keys.get({ subjects: person })).keys[0]!.key).toHaveLength(0);
  }, 120_000);
});
