import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { alerts as api, connect, topics, type Client } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { specAccess } from '@flotilla/service-kit';
import { createTopics, freePorts, testServers } from '@flotilla/tasks';
import { database, eventually, type TestDatabase } from '@flotilla/testing';
import { fact } from './world.js';

export const now = new Date().toISOString();
export const SLOW = { timeoutMs: 60_000 };
export const golden = (type: string): object => JSON.parse(readFileSync(new URL(`../../../proto/golden/${type}.json`, import.meta.url), 'utf8')) as object;

/** alerts as it is built, in a process that may be killed; what it sends may go to this machine, and is given up soon. */
export class HookWorld {
  db!: TestDatabase;
  bus!: Bus;
  service!: ChildProcess;
  http = '';
  hooks!: Client<api.WebhooksRpc>;
  incidents!: Client<api.IncidentsRpc>;
  private env: Readonly<Record<string, string>> = {};
  private access: ReturnType<typeof specAccess> | undefined;

  async open(): Promise<void> {
    const servers = testServers();
    await createTopics({ brokers: servers.brokers, fresh: true });
    this.db = await database(servers.postgresUrl);
    this.bus = connectBus({ brokers: [servers.brokers], clientId: 'test', log: silentLogger });
    const [httpPort, grpcPort] = await freePorts(2);
    this.http = `http://127.0.0.1:${httpPort}`;
    this.access = specAccess();
    this.env = {
      ...this.access.env,
      FLOTILLA_DATABASE_URL: this.db.url, FLOTILLA_MIGRATION_DATABASE_URL: this.db.url, FLOTILLA_KAFKA_BROKERS: servers.brokers, FLOTILLA_HTTP_PORT: String(httpPort), FLOTILLA_GRPC_PORT: String(grpcPort), FLOTILLA_LOG_LEVEL: 'silent',
      FLOTILLA_PARKED_KEY: randomBytes(32).toString('base64'), FLOTILLA_KAFKA_SESSION_SECONDS: '6', FLOTILLA_WEBHOOK_NETWORKS: '127.0.0.1/32', FLOTILLA_WEBHOOK_PATIENCE_HOURS: '0.001',
    };
    await this.start();
    this.hooks = connect(api.Webhooks, `127.0.0.1:${grpcPort}`);
    this.incidents = connect(api.Incidents, `127.0.0.1:${grpcPort}`);
  }

  async start(): Promise<void> {
    this.service = spawn(process.execPath, [fileURLToPath(new URL('../dist/main.js', import.meta.url))], { env: { PATH: process.env['PATH'], ...this.env }, stdio: 'ignore' });
    await eventually(async () => expect((await fetch(`${this.http}/readyz`)).status).toBe(200), SLOW);
  }

  async kill(): Promise<void> {
    const gone = once(this.service, 'exit');
    this.service.kill('SIGKILL');
    await gone;
  }

  async close(): Promise<void> {
    this.hooks?.close();
    this.incidents?.close();
    if (this.service?.exitCode === null) await this.kill();
    this.access?.remove();
    await this.bus?.close();
    await this.db?.drop();
  }

  say(name: string, key: string, data: object): Promise<void> {
    return this.bus.publish([fact(topics.order, `flotilla.order.v1.${name}`, key, data, { time: now })]);
  }

  async deliveries(webhookId: string, state = ''): Promise<readonly api.WebhookDelivery[]> {
    return (await this.hooks.listDeliveries({ page: { size: 100, token: '' }, webhookId, state })).deliveries;
  }

  async end(webhookId: string): Promise<void> {
    await this.hooks.delete({ requestId: randomUUID(), webhookId });
  }
}
