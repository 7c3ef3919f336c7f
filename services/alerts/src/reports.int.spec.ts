import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alerts as api, connect, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { defineService, startForTest, type Running } from '@flotilla/service-kit';
import { database, eventually } from '@flotilla/testing';
import { createTopics, testServers } from '@flotilla/tasks';
import { startPeople, type People } from '../spec/people.js';
import { frozenFact } from '../spec/world.js';
import { alerts } from './alerts.service.js';
import { restoreTimer, type Reported } from './accept/reporting.js';

const quarterMs = 900_000;
const SLOW = { timeoutMs: 60_000 };

/** An order-core that has counted so much: what the report asks for, by real gRPC. */
const counting = (counts: Record<string, number>) => defineService({ name: 'order-core', config: {}, migrations: [], build: () => ({ tally: async () => counts }) });

describe('the report of a day, on real Postgres, Kafka, gRPC and mail', () => {
  let bus: Bus;
  let orders: Running;
  let service: Running;
  let people: People;
  const dropped: { drop: () => Promise<unknown> }[] = [];
  let reports: Client<api.ReportsRpc>;
  let incidents: Client<api.IncidentsRpc>;

  let now = '';
  let due = '';
  let env: Readonly<Record<string, string>> = {};

  const begin = async (clock: Readonly<Record<string, string>> = {}): Promise<void> => {
    for (const client of [reports, incidents]) client?.close();
    service = await startForTest(alerts, { ...env, ...clock });
    reports = connect(api.Reports, service.grpc);
    incidents = connect(api.Incidents, service.grpc);
  };
  const frozen = (name: string, frozenAt: string): Promise<void> => bus.publish([frozenFact(name, 1, frozenAt)]);

  beforeAll(async () => {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    const [mine, theirs] = await Promise.all([database(servers.postgresUrl), database(servers.postgresUrl)]);
    dropped.push(mine, theirs);
    people = await startPeople();
    bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    const began = Date.now();
    now = new Date(began).toISOString();
    // In 15 to 30 minutes: whatever is slow here, nothing is due before the clock is put forward.
    due = new Date((Math.floor(began / quarterMs) + 2) * quarterMs).toISOString();
    const of = (url: string) => ({ FLOTILLA_DATABASE_URL: url, FLOTILLA_MIGRATION_DATABASE_URL: url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_LOG_LEVEL: 'silent' });
    orders = await startForTest(counting({ placed: 120, completed: 90, held: 3 }), of(theirs.url));
    env = { ...of(mine.url), FLOTILLA_SANDBOX_URL: people.url, FLOTILLA_SMTP_URL: people.smtp, FLOTILLA_REPORT_AT: due.slice(11, 16), FLOTILLA_REPORT_ZONE: 'UTC', FLOTILLA_ORDER_CORE_GRPC: orders.grpc };
    await begin();
  }, 120_000);
  afterAll(async () => {
    for (const client of [reports, incidents]) client?.close();
    await service?.stop();
    await orders?.stop();
    await people?.close();
    await bus?.close();
    for (const one of dropped) await one.drop();
  }, 60_000);

  it('ALR-04: says before the first one when it comes, and refuses what is no day', async () => {
    await expect(reports.get({ day: 'yesterday' })).rejects.toThrow(/is no day/);
    await expect(reports.get({ day: '1999-01-01' })).rejects.toThrow(/there is no report of 1999-01-01/);
  });

  it('ALR-04: is made when it is due, from what the services answer, and names those that do not', async () => {
    const skus = Array.from({ length: 3 }, (_, n) => `SKU-${randomUUID().slice(0, 8)}-${n}`);
    // One fact is older than the time that the report is about, and known within it.
    await Promise.all(skus.map((sku, n) => frozen(sku, n === 0 ? new Date(Date.parse(now) - 3 * 86_400_000).toISOString() : now)));
    const open = await eventually(async () => {
      const found = (await incidents.list({ state: 'OPEN', page: { size: 200 } })).incidents.filter(({ subjectId }) => skus.includes(subjectId));
      expect(found).toHaveLength(3);
      return found;
    }, SLOW);
    await incidents.ack({ requestId: randomUUID(), incidentId: open.find(({ subjectId }) => subjectId === skus[1])!.incidentId });
    // The mails of the incidents have come (not of the one that is acknowledged): the next one that the server refuses is the report's.
    await eventually(async () => {
      const mails = await people.told('mail');
      for (const sku of [skus[0]!, skus[2]!]) expect(mails.some(({ text }) => text.includes(sku))).toBe(true);
    }, SLOW);
    await people.fault({ target: 'smtp', kind: 'error-500', count: 1 });
    await service.stop();
    await begin({ FLOTILLA_CLOCK: `${Date.now() - 10_000}@300` });
    const report = await eventually(() => reports.get({ day: '' }), SLOW);
    expect([report.day, report.to >= due, report.from < now]).toEqual([due.slice(0, 10), true, true]);
    const figure = (id: string) => report.figures.find(({ figure: name }) => name === id);
    expect(figure('orders-placed')).toMatchObject({ known: true, value: 120, total: 120, compared: false });
    expect(figure('orders-held')).toMatchObject({ flow: false, value: 3 });
    expect(figure('parcels-shipped')).toMatchObject({ known: false });
    expect(report.silent).toEqual(['ingest', 'allocation', 'tracking', 'settlement']);
    expect(report.rules).toEqual([expect.objectContaining({ rule: 'sku-frozen', titleZh: 'SKU 冻结', severity: 'CRITICAL', raised: 3, cleared: 0, open: 3 })]);
    expect(report.owners).toEqual([expect.objectContaining({ role: 'warehouse', raised: 3, open: 2, acknowledged: 1 })]);
    expect(report.oldest.map(({ subjectId }) => subjectId).toSorted()).toEqual(skus.toSorted());
    expect(report.acknowledged).toBe(1);
  }, 120_000);

  it('ALR-04: comes by mail with the paper, once, though the server refused it at first', async () => {
    const list = await eventually(async () => {
      const found = await reports.list({});
      expect(found.reports[0]?.deliveries).toEqual([expect.objectContaining({ target: 'ops-mail', outcome: 'MAILED' })]);
      return found;
    }, SLOW);
    expect(list.reports[0]).toMatchObject({ day: due.slice(0, 10), raised: 3, open: 3 });
    const mails = (await people.told('mail')).filter(({ text }) => text.includes('[Flotilla daily]'));
    expect([mails.length, await people.struck('smtp')]).toEqual([1, 1]);
    expect(mails[0]!.text).toMatch(/application\/pdf[\s\S]*flotilla-report-[\d-]+\.pdf/);
    expect(mails[0]!.text).toContain('orders placed: 120');
    const paper = await reports.paper({ day: list.reports[0]!.day });
    expect([paper.contentType, Buffer.from(paper.data).subarray(0, 5).toString()]).toEqual(['application/pdf', '%PDF-']);
    // The attachment is the same paper: the same bytes of the same report.
    expect(mails[0]!.text.replaceAll(/\s/g, '')).toContain(Buffer.from(paper.data).toString('base64'));
  }, 120_000);

  it('ALR-04: the next one comes though its timer was lost', async () => {
    const timer = async () => (await service.ctx.pool.query<{ due: string }>(`SELECT due_at::text AS due FROM es.timer WHERE key = 'report/daily'`)).rows;
    const before = await timer();
    expect(before).toHaveLength(1);
    await service.ctx.pool.query(`DELETE FROM es.timer WHERE key = 'report/daily'`);
    await restoreTimer(service.ctx as Reported);
    await eventually(async () => expect(await timer()).toEqual(before), SLOW);
  }, 120_000);
});
