import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { topics, type alerts as api } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import type { Ticket } from '../spec/people.js';
import { fact, frozenFact, startTelling, type Telling } from '../spec/world.js';

const now = new Date().toISOString();
// A business minute takes a second.
const clock = `${now}@60`;
const SLOW = { timeoutMs: 60_000 };

interface Body {
  readonly type: string;
  readonly data: { readonly ticketId: string; readonly kind: string; readonly subjectId: string; readonly state: string; readonly link: string; readonly orders: readonly object[]; readonly acknowledgedBy: string };
}

describe('a ticket system hears of incidents, on real Postgres and Kafka', () => {
  let world: Telling;
  let sku = '';

  const tell = (topic: string, type: string, key: string, data: object): Promise<void> => world.bus.publish([fact(topic, type, key, data, { time: now })]);
  const frozen = (freeze = 1): Promise<void> => world.bus.publish([frozenFact(sku, freeze, now)]);
  const unfrozen = (freeze = 1): Promise<void> => tell(topics.catalogue, 'flotilla.allocation.v1.SkuUnfrozen', sku, { sku, freeze, unfrozenAt: now });
  const toDesk = (role = 'manager'): api.MatrixRow => ({ severity: 'CRITICAL', role, targets: ['ops-tickets'] });
  const ack = ({ incidentId }: Pick<api.Incident, 'incidentId'>): Promise<unknown> => world.incidents.ack({ requestId: randomUUID(), incidentId }, { metadata: { 'x-caller': 'mei' } });
  const known = async (subject: string, state: string): Promise<api.Incident> =>
    eventually(async () => {
      const [mine] = (await world.incidents.list({ state, page: { size: 200, token: '' } })).incidents.filter(({ subjectId }) => subjectId === subject);
      expect(mine).toBeDefined();
      return mine!;
    }, SLOW);
  const heard = async (subject: string): Promise<readonly Body[]> => (await world.people.told('tickets')).map(({ text }) => JSON.parse(text) as Body).filter(({ data }) => data.subjectId === subject);
  const ticketOf = async (subject: string): Promise<Ticket | undefined> => {
    const [first] = await heard(subject);
    return (await world.people.tickets()).find(({ ticketId }) => ticketId === first?.data.ticketId);
  };
  const toldTickets = (): Promise<readonly api.NoticeMessage[]> => world.messagesTo('ops-tickets');

  beforeAll(async () => {
    world = await startTelling(clock);
  }, 60_000);
  beforeEach(async () => {
    await world.people.calm();
    sku = `SKU-${randomUUID().slice(0, 8)}`;
  });
  afterAll(() => world?.stop(), 60_000);

  it('ORD-13: raised, acknowledged, cleared arrive in this order through lost and slow answers: one ticket, closed', async () => {
    await world.put({ matrix: [toDesk()] });
    await world.people.fault({ target: 'tickets', kind: 'error-500-after-effect', count: 1 });
    await world.people.fault({ target: 'tickets', kind: 'error-500', count: 1 });
    await world.people.fault({ target: 'tickets', kind: 'slow', count: 1, ms: 1_000 });
    await frozen();
    await eventually(async () => expect(await heard(sku)).toHaveLength(1), SLOW);
    // Both come while the first word is still being repeated, and wait for it.
    await ack(await known(sku, 'OPEN'));
    await unfrozen();
    await known(sku, 'CLEARED');
    expect((await heard(sku)).map(({ data }) => data.kind)).toEqual(['raised']);
    await eventually(async () => expect(await ticketOf(sku)).toMatchObject({ state: 'closed', assignee: 'mei', kinds: ['raised', 'acknowledged', 'cleared'] }), SLOW);
    const all = await heard(sku);
    expect(all.map(({ type }) => type)).toEqual(['raised', 'raised', 'acknowledged', 'cleared'].map((kind) => `alerts.ticket.${kind}`));
    expect(all.at(-1)!.data).toMatchObject({ state: 'closed', acknowledgedBy: 'mei', link: `https://console.flotilla.test/incidents/${all[0]!.data.ticketId}` });
    await eventually(async () => expect((await toldTickets()).map(({ state, attempts, incidents: count }) => [state, attempts, count])).toEqual([['ACCEPTED', 1, 1], ['ACCEPTED', 1, 1], ['ACCEPTED', 3, 1]]), SLOW);
    expect(await fetch(`${world.service.http}/metrics`).then((response) => response.text())).toContain('flotilla_alerts_messages_total{channel="tickets",outcome="accepted"}');
  }, 150_000);

  it('ORD-13: every level is told, and what an acknowledgement ends is closed by it; the ticket names channel and order number', async () => {
    await world.put({ matrix: [toDesk('audit'), { severity: 'CRITICAL', role: 'boss', targets: ['ops-webhook'] }], escalations: [{ severity: 'CRITICAL', afterMinutes: 3, role: 'boss' }] });
    const orderId = randomUUID();
    await tell(topics.ingest, 'flotilla.ingest.v1.WriteBackFailed', orderId, { orderId, channel: 'woo-eu', channelOrderId: '4711', parcelId: randomUUID(), reason: 'PLATFORM_REFUSED', detail: 'answered 422' });
    await eventually(async () => expect((await ticketOf(orderId))?.kinds).toEqual(['raised', 'escalated']), SLOW);
    await ack(await known(orderId, 'OPEN'));
    await eventually(async () => expect(await ticketOf(orderId)).toMatchObject({ state: 'closed', kinds: ['raised', 'escalated', 'acknowledged', 'cleared'] }), SLOW);
    for (const { data } of await heard(orderId)) expect(data.orders).toEqual([{ orderId, channel: 'woo-eu', channelOrderId: '4711' }]);
  }, 90_000);

  it('ORD-13: of what was silenced until it was over nothing is heard; a ticket that was opened before is closed through a silence', async () => {
    await world.put({ matrix: [toDesk()] });
    await frozen();
    await eventually(async () => expect((await ticketOf(sku))?.state).toBe('open'), SLOW);
    const until = new Date(world.service.ctx.clock.business().getTime() + 24 * 3_600_000).toISOString();
    const { silenceId } = await world.silences.add({ requestId: randomUUID(), rule: 'sku-frozen', subjectId: '', until, reason: 'stocktaking' });
    const opened = sku;
    sku = `${opened}-silenced`;
    await frozen();
    const silenced = await known(sku, 'OPEN');
    await eventually(async () => expect((await world.service.ctx.pool.query(`SELECT FROM es.timer WHERE data ->> 'silencedBy' = $1`, [silenceId])).rowCount).toBe(1), SLOW);
    await ack(silenced);
    await unfrozen();
    await known(sku, 'CLEARED');
    sku = opened;
    await unfrozen();
    // It follows the silenced one in the log: when it is heard, that one was passed over.
    await eventually(async () => expect(await ticketOf(opened)).toMatchObject({ state: 'closed', kinds: ['raised', 'cleared'] }), SLOW);
    expect(await heard(`${opened}-silenced`)).toEqual([]);
    await world.silences.lift({ requestId: randomUUID(), silenceId });
    sku = `${opened}-later`;
    await frozen();
    await eventually(async () => expect((await ticketOf(sku))?.kinds).toEqual(['raised']), SLOW);
    expect(await heard(`${opened}-silenced`)).toEqual([]);
  }, 120_000);

  it('ORD-13: a word that is refused for good is given up visibly; its acknowledgement and its end are not told, and other tickets are', async () => {
    await world.put({ matrix: [toDesk()] });
    await world.people.fault({ target: 'tickets', kind: 'refuse', count: 1 });
    const before = (await toldTickets()).length;
    await frozen();
    await eventually(async () => expect((await toldTickets())[0]).toMatchObject({ state: 'FAILED', attempts: 1, detail: 'HTTP 410' }), SLOW);
    await ack(await known(sku, 'OPEN'));
    await unfrozen();
    await known(sku, 'CLEARED');
    const refused = sku;
    sku = `${refused}-later`;
    await frozen();
    await eventually(async () => expect((await ticketOf(sku))?.kinds).toEqual(['raised']), SLOW);
    expect([(await toldTickets()).length - before, await heard(refused)]).toEqual([2, []]);
    expect(await fetch(`${world.service.http}/metrics`).then((response) => response.text())).toContain('flotilla_alerts_messages_total{channel="tickets",outcome="refused"}');
  }, 90_000);
});
