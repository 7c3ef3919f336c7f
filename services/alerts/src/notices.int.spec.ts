import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { alerts as api, connect, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { startForTest, type Running } from '@flotilla/service-kit';
import { database, eventually } from '@flotilla/testing';
import { createTopics, testServers } from '@flotilla/tasks';
import { startPeople, type People } from '../spec/people.js';
import { alerts } from './alerts.service.js';
import { mostItems } from './decide/bundle.decider.js';

const run = randomUUID().slice(0, 6);
const now = new Date().toISOString();
// A business minute takes a second.
const clock = `${now}@60`;
const SLOW = { timeoutMs: 30_000 };

describe('people are told, on real Postgres, Kafka, robots, mail and a gateway', () => {
  let bus: Bus;
  let service: Running;
  let people: People;
  let db: Awaited<ReturnType<typeof database>>;
  let notices: Client<api.NoticesRpc>;
  let silences: Client<api.SilencesRpc>;
  let incidents: Client<api.IncidentsRpc>;
  let sku = '';
  let n = 0;

  const frozenAll = (names: readonly string[], freeze = 1): Promise<void> =>
    bus.publish(
      names.map((name) => ({
        topic: topics.catalogue,
        key: name,
        value: JSON.stringify({ sku: name, freeze, reason: 'BY_HAND', failed: 0, reserved: 0, frozenAt: now, until: '' }),
        headers: { ce_specversion: '1.0', ce_id: `notices-${run}-${(n += 1)}/0`, ce_source: `test-${name}-${freeze}`, ce_type: 'flotilla.allocation.v1.SkuFrozen', ce_time: now, sequence: String(n), correlation: 'c', causation: 'c', chainhash: 'ab', 'content-type': 'application/json' },
      })),
    );
  const frozen = (name: string, freeze = 1): Promise<void> => frozenAll([name], freeze);
  const put = (change: Partial<api.NoticePolicy>): Promise<unknown> =>
    notices.putPolicy({ requestId: randomUUID(), policy: { matrix: [], escalations: [], groupWaitSeconds: 1, groupIntervalSeconds: 15, rotas: [], ...change } });
  const tell = (...targets: string[]): Partial<api.NoticePolicy> => ({ matrix: [{ severity: 'CRITICAL', role: 'manager', targets }] });
  const read = async (way: string, text: string): Promise<number> => (await people.told(way)).filter((one) => one.text.includes(text)).length;
  const messagesTo = async (target: string): Promise<readonly api.NoticeMessage[]> => (await notices.listMessages({ page: { size: 100, token: '' }, state: '' })).messages.filter((one) => one.target === target);

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    db = await database(servers.postgresUrl);
    people = await startPeople();
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    service = await startForTest(alerts, { FLOTILLA_DATABASE_URL: db.url, FLOTILLA_MIGRATION_DATABASE_URL: db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_SANDBOX_URL: people.url, FLOTILLA_SMTP_URL: people.smtp, FLOTILLA_CLOCK: clock, FLOTILLA_LOG_LEVEL: 'silent' });
    notices = connect(api.Notices, service.grpc);
    silences = connect(api.Silences, service.grpc);
    incidents = connect(api.Incidents, service.grpc);
  }, 60_000);
  beforeEach(async () => {
    await people.calm();
    sku = `SKU-${randomUUID().slice(0, 8)}`;
  });
  afterAll(async () => {
    for (const client of [notices, silences, incidents]) client?.close();
    await service?.stop();
    await people?.close();
    await bus?.close();
    await db?.drop();
  }, 60_000);

  it('ALR-02: a burst is one message in every channel of the matrix, in each target’s language', async () => {
    expect((await notices.listTargets({})).targets.map(({ channel }) => channel).toSorted()).toEqual(['dingtalk', 'feishu', 'mail', 'sms', 'tickets', 'webhook', 'wecom']);
    const built = await notices.getPolicy({});
    expect([built.version, built.policy.matrix.length > 0]).toEqual([0, true]);
    const burst = Array.from({ length: 30 }, (_, at) => `${sku}-${at}`);
    await frozenAll(burst);
    for (const way of ['dingtalk', 'wecom', 'feishu', 'webhook', 'mail', 'sms']) await eventually(async () => expect(await read(way, way === 'sms' ? 'SMS_ALERT' : way === 'mail' ? 'SKU frozen' : sku)).toBeGreaterThan(0), SLOW);
    await eventually(async () => {
      const all = (await notices.listMessages({ page: { size: 100, token: '' }, state: '' })).messages;
      for (const { name } of (await notices.listTargets({})).targets.filter(({ channel }) => channel !== 'tickets')) expect([name, all.filter(({ target }) => target === name).reduce((sum, one) => sum + one.incidents, 0)]).toEqual([name, 30]);
      expect(all.every(({ state }) => state === 'ACCEPTED')).toBe(true);
      // The first of them may leave before the last has come over Kafka, and no more.
      expect(all.length).toBeLessThanOrEqual(12);
    }, SLOW);
    expect((await people.told('dingtalk')).map(({ text }) => text).join()).toContain('【严重告警】SKU 冻结');
    expect((await people.told('webhook')).map(({ text }) => text).join()).toContain('[Critical] SKU frozen');
  }, 60_000);

  it('ALR-02: whoever does not acknowledge in time is passed over to the next role; whoever does is not', async () => {
    await put({ matrix: [{ severity: 'CRITICAL', role: 'manager', targets: ['ops-wecom'] }, { severity: 'CRITICAL', role: 'boss', targets: ['rota:night'] }], escalations: [{ severity: 'CRITICAL', afterMinutes: 20, role: 'boss' }], rotas: [{ name: 'night', members: ['ops-feishu'], startsAt: now, hours: 12 }] });
    const [late, seen] = [`${sku}-late`, `${sku}-seen`];
    await Promise.all([frozen(late), frozen(seen)]);
    const open = await eventually(async () => {
      const mine = (await incidents.list({ state: 'OPEN', page: { size: 200, token: '' } })).incidents.filter(({ subjectId }) => [late, seen].includes(subjectId));
      expect(mine).toHaveLength(2);
      return mine;
    }, SLOW);
    await incidents.ack({ requestId: randomUUID(), incidentId: open.find(({ subjectId }) => subjectId === seen)!.incidentId });
    await eventually(async () => expect(await read('feishu', `${late}（升级）`)).toBe(1), { timeoutMs: 60_000 });
    expect(await read('feishu', seen)).toBe(0);
    await eventually(async () => expect((await incidents.list({ state: 'OPEN', page: { size: 200, token: '' } })).incidents.find(({ subjectId }) => subjectId === late)?.level).toBe(1));
  }, 90_000);

  it('ALR-02: what is silenced is told when the silence is over', async () => {
    await put(tell('ops-webhook'));
    const until = new Date(service.ctx.clock.business().getTime() + 8 * 60_000).toISOString();
    const request = { requestId: randomUUID(), rule: '', subjectId: sku, until, reason: 'stocktaking' };
    const silence = await silences.add(request);
    expect((await silences.add(request)).silenceId).toBe(silence.silenceId);
    expect((await silences.list({})).silences).toContainEqual(silence);
    await expect(silences.add({ ...request, requestId: randomUUID(), subjectId: '' })).rejects.toMatchObject({ code: 3 });
    await frozen(sku);
    await eventually(async () => expect((await incidents.list({ state: 'OPEN', page: { size: 200, token: '' } })).incidents.map(({ subjectId }) => subjectId)).toContain(sku), SLOW);
    expect(await read('webhook', sku)).toBe(0);
    await eventually(async () => expect(await read('webhook', sku)).toBe(1), { timeoutMs: 40_000 });
  }, 60_000);

  it('ALR-02: what is silenced is told at once when the silence is lifted', async () => {
    await put(tell('ops-webhook'));
    const until = new Date(service.ctx.clock.business().getTime() + 24 * 3_600_000).toISOString();
    const { silenceId } = await silences.add({ requestId: randomUUID(), rule: '', subjectId: sku, until, reason: 'stocktaking' });
    await frozen(sku);
    await eventually(async () => expect((await service.ctx.pool.query(`SELECT FROM es.timer WHERE data ->> 'silencedBy' = $1`, [silenceId])).rowCount).toBe(1), SLOW);
    expect(await read('webhook', sku)).toBe(0);
    await silences.lift({ requestId: randomUUID(), silenceId });
    await eventually(async () => expect(await read('webhook', sku)).toBe(1), SLOW);
  }, 90_000);

  it('ALR-02: a robot that throttles, breaks or loses its answer has the message in the end; a wrong target is visible', async () => {
    await put(tell('ops-dingtalk', 'ops-webhook'));
    await people.fault({ target: 'dingtalk', kind: 'error-500', count: 1 });
    await people.fault({ target: 'receiver', kind: 'error-500-after-effect', count: 2 });
    await frozen(sku);
    await eventually(async () => expect([await read('dingtalk', sku), await read('webhook', sku)]).toEqual([1, 3]), { timeoutMs: 60_000 });
    // The same id three times: a receiver takes it once.
    expect(new Set((await people.told('webhook')).filter(({ text }) => text.includes(sku)).map(({ to }) => to)).size).toBe(1);
    await eventually(async () => expect((await messagesTo('ops-webhook'))[0]).toMatchObject({ state: 'ACCEPTED', attempts: 3 }), SLOW);
    await eventually(async () => expect((await messagesTo('ops-dingtalk'))[0]).toMatchObject({ state: 'ACCEPTED', attempts: 2 }), SLOW);
    await put(tell('ops-mail'));
    await people.fault({ target: 'smtp', kind: 'error-500', count: 1 });
    await frozen(`${sku}-mail`);
    await eventually(async () => expect((await messagesTo('ops-mail'))[0]).toMatchObject({ state: 'ACCEPTED', attempts: 2 }), { timeoutMs: 60_000 });
    await expect(put(tell('nobody'))).rejects.toMatchObject({ code: 3 });
    expect((await fetch(`${service.http}/metrics`).then((response) => response.text())).includes('flotilla_alerts_messages_total{channel="dingtalk",outcome="accepted"}')).toBe(true);
  }, 150_000);

  it('ALR-02: a burst of more incidents than a message lists is one message that counts them all', async () => {
    await put({ ...tell('ops-webhook'), groupWaitSeconds: 20 });
    const before = (await messagesTo('ops-webhook')).length;
    const burst = Array.from({ length: mostItems + 5 }, (_, at) => `${sku}-${at}`);
    await frozenAll(burst);
    const mine = (all: readonly api.NoticeMessage[]): readonly api.NoticeMessage[] => all.slice(0, all.length - before);
    await eventually(async () => expect(mine(await messagesTo('ops-webhook')).map(({ incidents: count, state }) => [count, state])).toEqual([[mostItems + 5, 'ACCEPTED']]), { timeoutMs: 60_000 });
    const [read] = (await people.told('webhook')).filter(({ text }) => text.includes(sku));
    expect([burst.filter((one) => read!.text.includes(`"${one}"`)).length, read!.text.includes('"more":5')]).toEqual([mostItems, true]);
  }, 90_000);
});
