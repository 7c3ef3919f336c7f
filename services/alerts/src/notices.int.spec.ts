import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { alerts as api } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { frozenFact, startTelling, type Telling } from '../spec/world.js';
import { mostItems } from './decide/bundle.decider.js';

const now = new Date().toISOString();
// A business minute takes a second.
const clock = `${now}@60`;
const SLOW = { timeoutMs: 30_000 };

describe('people are told, on real Postgres, Kafka, robots, mail and a gateway', () => {
  let world: Telling;
  let sku = '';

  const frozenAll = (names: readonly string[], freeze = 1): Promise<void> => world.bus.publish(names.map((name) => frozenFact(name, freeze, now)));
  const frozen = (name: string, freeze = 1): Promise<void> => frozenAll([name], freeze);
  const tell = (...targets: string[]): Partial<api.NoticePolicy> => ({ matrix: [{ severity: 'CRITICAL', role: 'manager', targets }] });
  const read = async (way: string, text: string): Promise<number> => (await world.people.told(way)).filter((one) => one.text.includes(text)).length;

  beforeAll(async () => {
    world = await startTelling(clock);
  }, 60_000);
  beforeEach(async () => {
    await world.people.calm();
    sku = `SKU-${randomUUID().slice(0, 8)}`;
  });
  afterAll(() => world?.stop(), 60_000);

  it('ALR-02: a burst is one message in every channel of the matrix, in each target’s language', async () => {
    expect((await world.notices.listTargets({})).targets.map(({ channel }) => channel).toSorted()).toEqual(['dingtalk', 'feishu', 'mail', 'sms', 'tickets', 'webhook', 'wecom']);
    const built = await world.notices.getPolicy({});
    expect([built.version, built.policy.matrix.length > 0]).toEqual([0, true]);
    const burst = Array.from({ length: 30 }, (_, at) => `${sku}-${at}`);
    await frozenAll(burst);
    for (const way of ['dingtalk', 'wecom', 'feishu', 'webhook', 'mail', 'sms']) await eventually(async () => expect(await read(way, way === 'sms' ? 'SMS_ALERT' : way === 'mail' ? 'SKU frozen' : sku)).toBeGreaterThan(0), SLOW);
    await eventually(async () => {
      const all = (await world.notices.listMessages({ page: { size: 100, token: '' }, state: '' })).messages;
      for (const { name } of (await world.notices.listTargets({})).targets.filter(({ channel }) => channel !== 'tickets')) expect([name, all.filter(({ target }) => target === name).reduce((sum, one) => sum + one.incidents, 0)]).toEqual([name, 30]);
      expect(all.every(({ state }) => state === 'ACCEPTED')).toBe(true);
      // The first of them may leave before the last has come over Kafka, and no more.
      expect(all.length).toBeLessThanOrEqual(12);
    }, SLOW);
    expect((await world.people.told('dingtalk')).map(({ text }) => text).join()).toContain('【严重告警】SKU 冻结');
    expect((await world.people.told('webhook')).map(({ text }) => text).join()).toContain('[Critical] SKU frozen');
  }, 60_000);

  it('ALR-02: whoever does not acknowledge in time is passed over to the next role; whoever does is not', async () => {
    await world.put({ matrix: [{ severity: 'CRITICAL', role: 'manager', targets: ['ops-wecom'] }, { severity: 'CRITICAL', role: 'boss', targets: ['rota:night'] }], escalations: [{ severity: 'CRITICAL', afterMinutes: 20, role: 'boss' }], rotas: [{ name: 'night', members: ['ops-feishu'], startsAt: now, hours: 12 }] });
    const [late, seen] = [`${sku}-late`, `${sku}-seen`];
    await Promise.all([frozen(late), frozen(seen)]);
    const open = await eventually(async () => {
      const mine = (await world.incidents.list({ state: 'OPEN', page: { size: 200, token: '' } })).incidents.filter(({ subjectId }) => [late, seen].includes(subjectId));
      expect(mine).toHaveLength(2);
      return mine;
    }, SLOW);
    await world.incidents.ack({ requestId: randomUUID(), incidentId: open.find(({ subjectId }) => subjectId === seen)!.incidentId });
    await eventually(async () => expect(await read('feishu', `${late}（升级）`)).toBe(1), { timeoutMs: 60_000 });
    expect(await read('feishu', seen)).toBe(0);
    await eventually(async () => expect((await world.incidents.list({ state: 'OPEN', page: { size: 200, token: '' } })).incidents.find(({ subjectId }) => subjectId === late)?.level).toBe(1));
  }, 90_000);

  it('ALR-02: what is silenced is told when the silence is over', async () => {
    await world.put(tell('ops-webhook'));
    const until = new Date(world.service.ctx.clock.business().getTime() + 8 * 60_000).toISOString();
    const request = { requestId: randomUUID(), rule: '', subjectId: sku, until, reason: 'stocktaking' };
    const silence = await world.silences.add(request);
    expect((await world.silences.add(request)).silenceId).toBe(silence.silenceId);
    expect((await world.silences.list({})).silences).toContainEqual(silence);
    await expect(world.silences.add({ ...request, requestId: randomUUID(), subjectId: '' })).rejects.toMatchObject({ code: 3 });
    await frozen(sku);
    await eventually(async () => expect((await world.incidents.list({ state: 'OPEN', page: { size: 200, token: '' } })).incidents.map(({ subjectId }) => subjectId)).toContain(sku), SLOW);
    expect(await read('webhook', sku)).toBe(0);
    await eventually(async () => expect(await read('webhook', sku)).toBe(1), { timeoutMs: 40_000 });
  }, 60_000);

  it('ALR-02: what is silenced is told at once when the silence is lifted', async () => {
    await world.put(tell('ops-webhook'));
    const until = new Date(world.service.ctx.clock.business().getTime() + 24 * 3_600_000).toISOString();
    const { silenceId } = await world.silences.add({ requestId: randomUUID(), rule: '', subjectId: sku, until, reason: 'stocktaking' });
    await frozen(sku);
    await eventually(async () => expect((await world.service.ctx.pool.query(`SELECT FROM es.timer WHERE data ->> 'silencedBy' = $1`, [silenceId])).rowCount).toBe(1), SLOW);
    expect(await read('webhook', sku)).toBe(0);
    await world.silences.lift({ requestId: randomUUID(), silenceId });
    await eventually(async () => expect(await read('webhook', sku)).toBe(1), SLOW);
  }, 90_000);

  it('ALR-02: a robot that throttles, breaks or loses its answer has the message in the end; a wrong target is visible', async () => {
    await world.put(tell('ops-dingtalk', 'ops-webhook'));
    await world.people.fault({ target: 'dingtalk', kind: 'error-500', count: 1 });
    await world.people.fault({ target: 'receiver', kind: 'error-500-after-effect', count: 2 });
    await frozen(sku);
    await eventually(async () => expect([await read('dingtalk', sku), await read('webhook', sku)]).toEqual([1, 3]), { timeoutMs: 60_000 });
    // The same id three times: a receiver takes it once.
    expect(new Set((await world.people.told('webhook')).filter(({ text }) => text.includes(sku)).map(({ to }) => to)).size).toBe(1);
    await eventually(async () => expect((await world.messagesTo('ops-webhook'))[0]).toMatchObject({ state: 'ACCEPTED', attempts: 3 }), SLOW);
    await eventually(async () => expect((await world.messagesTo('ops-dingtalk'))[0]).toMatchObject({ state: 'ACCEPTED', attempts: 2 }), SLOW);
    await world.put(tell('ops-mail'));
    await world.people.fault({ target: 'smtp', kind: 'error-500', count: 1 });
    await frozen(`${sku}-mail`);
    await eventually(async () => expect((await world.messagesTo('ops-mail'))[0]).toMatchObject({ state: 'ACCEPTED', attempts: 2 }), { timeoutMs: 60_000 });
    await expect(world.put(tell('nobody'))).rejects.toMatchObject({ code: 3 });
    expect((await fetch(`${world.service.http}/metrics`).then((response) => response.text())).includes('flotilla_alerts_messages_total{channel="dingtalk",outcome="accepted"}')).toBe(true);
  }, 150_000);

  it('ALR-02: a burst of more incidents than a message lists is one message that counts them all', async () => {
    await world.put({ ...tell('ops-webhook'), groupWaitSeconds: 20 });
    const before = (await world.messagesTo('ops-webhook')).length;
    const burst = Array.from({ length: mostItems + 5 }, (_, at) => `${sku}-${at}`);
    await frozenAll(burst);
    const mine = (all: readonly api.NoticeMessage[]): readonly api.NoticeMessage[] => all.slice(0, all.length - before);
    await eventually(async () => expect(mine(await world.messagesTo('ops-webhook')).map(({ incidents: count, state }) => [count, state])).toEqual([[mostItems + 5, 'ACCEPTED']]), { timeoutMs: 60_000 });
    const [read] = (await world.people.told('webhook')).filter(({ text }) => text.includes(sku));
    expect([burst.filter((one) => read!.text.includes(`"${one}"`)).length, read!.text.includes('"more":5')]).toEqual([mostItems, true]);
  }, 90_000);
});
