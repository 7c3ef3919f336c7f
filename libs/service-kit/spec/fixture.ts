import { randomBytes } from 'node:crypto';
import { alerts, settlement } from '@flotilla/contracts';
import { Refused, type Decider } from '@flotilla/decider';
import type { Meta, Task } from '@flotilla/event-store';
import { connectBus, type Bus, type BusRecord } from '@flotilla/messaging';
import { database, quietLog, type TestDatabase } from '@flotilla/testing';
import { Body, Controller, Get, Post } from '@nestjs/common';
import pg from 'pg';
import { z } from 'zod';
import { defineService, Describe, json, serve, sqlMigration, startForTest, type Running, type ServiceContext, type ServiceDefinition } from '../src/index.js';

/** What was asked, and what came of it. */
export interface Note {
  readonly text: string;
  /** Absent: no timer. */
  readonly remindAt?: string;
  /** Whether somebody outside is to be told. */
  readonly tell?: boolean;
}
type Command = { readonly type: 'WriteNote'; readonly data: Note } | { readonly type: 'Remind' | 'Tell'; readonly data: Record<string, never> };
type Event = { readonly type: 'NoteWritten'; readonly data: Note } | { readonly type: 'Reminded' | 'Told'; readonly data: Record<string, never> };

export const note: Decider<{ readonly notes: number; readonly reminded: boolean }, Command, Event> = {
  category: 'note',
  initial: { notes: 0, reminded: false },
  evolve: (state, event) => (event.type === 'NoteWritten' ? { ...state, notes: state.notes + 1 } : event.type === 'Reminded' ? { ...state, reminded: true } : state),
  decide: (command, state) => {
    if (command.type === 'WriteNote') {
      if (command.data.text === 'poison') throw new Refused('BAD_REQUEST', 'nobody can read this; correct it and replay');
      return [{ type: 'NoteWritten', data: command.data }];
    }
    if (command.type === 'Tell') return [{ type: 'Told', data: {} }];
    return state.reminded ? [] : [{ type: 'Reminded', data: {} }];
  },
};

const on = (id: string, command: Command, meta: Meta): Task<number> => ({
  streams: [[note, id]],
  meta,
  decide: (unit) => {
    unit.run(note, id, command);
    return unit.state(note, id).notes;
  },
});

/** What the little service did that no event tells. */
export interface Seen {
  readonly performed: { readonly intent: string; readonly meta: Meta; readonly traceparent: string | undefined }[];
  /** Server streams whose handler came to its end, however. */
  streamsEnded: number;
  /** Calls that arrived at the gate. */
  waiting: number;
  opened(): void;
  stopped: boolean;
}

export const incident = (incidentId: string, more: Partial<alerts.Incident> = {}): alerts.Incident => ({
  incidentId, rule: '', subjectKind: '', subjectId: '', severity: '', detail: '', state: '', raisedAt: '', acknowledgedBy: '', detailZh: '', level: 0, acknowledgedAt: '', orders: [], ...more,
});
const notHere = async (): Promise<never> => {
  throw new Refused('NOT_FOUND', 'the little service has no such thing');
};
const statement = (statementId: string, more: Partial<settlement.Statement> = {}): settlement.Statement => ({
  statementId, channel: '', format: '', batchNo: '', state: '', lines: [], matched: 0, flagged: 0, unmatched: 0, resolved: 0, faults: 0, checks: [], encoding: '', ...more,
});

@Controller()
class EchoController {
  @Describe({ id: 'echo', summary: 'For specs', answers: { 201: ['The bytes', json({ type: 'object' })] } })
  @Post('echo')
  echo(@Body() body: Buffer | undefined): { readonly bytes: boolean; readonly hex: string } {
    return { bytes: Buffer.isBuffer(body), hex: body?.toString('hex') ?? '' };
  }

  @Describe({ id: 'refused', summary: 'For specs', answers: { 409: 'Always' } })
  @Get('refused')
  refused(): never {
    throw new Refused('UNKNOWN_SKU', 'no SKU "S-1"; import the catalogue');
  }

  @Describe({ id: 'broken', summary: 'For specs', answers: { 500: 'Always' } })
  @Get('broken')
  broken(): never {
    throw new Error('password of the database is 123');
  }
}

export interface Kit {
  readonly db: TestDatabase;
  readonly env: Readonly<Record<string, string>>;
  readonly bus: Bus;
  readonly topics: { readonly asked: string; readonly told: string };
  readonly seen: Seen;
  readonly definition: ServiceDefinition;
  start(env?: Readonly<Record<string, string>>): Promise<Running>;
  /** All that is in a topic now. */
  messages(topic: string): Promise<readonly BusRecord[]>;
  ask(key: string, data: unknown, headers?: Readonly<Record<string, string>>): Promise<void>;
  end(): Promise<void>;
}

const ROLE = 'spec_kit_service';

/** A service of a few lines that uses everything of the kit, with a database and topics of its own. */
export const kit = async (): Promise<Kit> => {
  const brokers = process.env['FLOTILLA_TEST_KAFKA_BROKERS'] ?? '';
  const db = await database(undefined, {
    name: 'service_kit',
    migrate: async (client: pg.Client) => {
      await client.query(`DO $$ BEGIN CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE}'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`);
    },
  });
  const mine = randomBytes(4).toString('hex');
  const topics = { asked: `kit-asked-${mine}`, told: `kit-told-${mine}` };
  const bus = connectBus({ brokers: brokers.split(','), clientId: 'spec', log: quietLog() });
  await bus.admin.createTopics([...Object.values(topics), `${topics.asked}.dlq`, 'audit-anchors.v1'].map((topic) => ({ topic })));

  let open!: () => void;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const seen: Seen = { performed: [], streamsEnded: 0, waiting: 0, opened: open, stopped: false };

  const build = (ctx: ServiceContext<{ readonly FLOTILLA_GREETING: string }>): ReturnType<ServiceDefinition['build']> => ({
    consumers: [
      {
        name: `notes-${mine}`,
        topics: [topics.asked],
        handlers: { NoteAsked: { streams: (message) => [[note, message.key]], handle: (message, unit) => void unit.run(note, message.key, { type: 'WriteNote', data: message.data as Note }) } },
      },
    ],
    publish: (event) => (event.type === 'NoteWritten' ? [{ topic: topics.told, key: event.stream, type: 'NoteTold', data: event.data }] : []),
    timers: {
      changes: (event) => {
        const remindAt = event.type === 'NoteWritten' ? (event.data as Note).remindAt : undefined;
        return remindAt ? [{ key: event.stream.slice(5), dueAt: remindAt, clock: 'business', data: {} }] : [];
      },
      fire: async ({ key }, meta) => void (await ctx.store.execute(on(key, { type: 'Remind', data: {} }, meta))),
    },
    jobs: (event) => (event.type === 'NoteWritten' && (event.data as Note).tell ? [{ kind: 'tell', intent: event.id, payload: { id: event.stream.slice(5) } }] : []),
    performers: {
      tell: {
        perform: async (job, meta) => {
          seen.performed.push({ intent: job.intent, meta, traceparent: job.traceparent });
          await ctx.store.execute(on((job.payload as { id: string }).id, { type: 'Tell', data: {} }, meta));
        },
        resolve: () => Promise.reject(new Error('no attempt failed here')),
      },
    },
    grpc: [
      serve(settlement.Statements, {
        import: async (requests) => {
          let parts = 0;
          for await (const _ of requests) parts += 1;
          return statement('imported', { matched: parts });
        },
        get: async ({ statementId }, call) => {
          if (statementId === 'missing') throw new Refused('NOT_FOUND', 'no statement “missing” – 没有; list them with Statements/List', { statement: 'missing' });
          if (statementId === 'broken') throw new Error('password of the database is 123');
          if (statementId === 'away') throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });
          if (statementId === 'gate') {
            seen.waiting += 1;
            await gate;
          }
          return statement(statementId, { channel: ctx.config.FLOTILLA_GREETING, batchNo: call.deadline.toISOString(), state: call.meta.actor });
        },
        list: async () => ({ statements: [], nextToken: '' }),
        listFaults: async () => ({ faults: [], nextToken: '' }),
        review: async ({ statementId }) => statement(statementId),
        closeStatement: async ({ statementId }) => statement(statementId),
        export: async function* ({ statementId }, call) {
          try {
            for (let part = 0; statementId === 'endless' || part < 3; part += 1) {
              if (statementId === 'torn' && part === 2) throw new Refused('UNAVAILABLE', 'the rest is not there yet; ask again');
              yield { data: new Uint8Array(statementId === 'endless' ? 256 * 1024 : 1).fill(part) };
            }
          } finally {
            seen.streamsEnded += 1;
            if (call.signal.aborted) seen.waiting += 1;
          }
        },
      }),
      serve(alerts.Incidents, {
        list: async () => ({ incidents: [], nextToken: '' }),
        get: notHere,
        board: notHere,
        escalate: notHere,
        comment: notHere,
        ack: async (request, call) => {
          const { answer } = await ctx.store.execute(on(request.incidentId, { type: 'WriteNote', data: { text: request.requestId } }, call.meta), call.request(request));
          return incident(request.incidentId, { detail: String(answer) });
        },
      }),
    ],
    controllers: [EchoController],
    tally: async () => ({ notes: Number((await ctx.pool.query(`SELECT count(*) FROM es.event WHERE type = 'NoteWritten'`)).rows[0].count) }),
    stop: async () => void (seen.stopped = true),
  });
  const definition = defineService({
    name: 'settlement',
    config: { FLOTILLA_GREETING: z.string().min(1).describe('what is said first') },
    migrations: [sqlMigration('Notes', 1763700000001, ['CREATE TABLE read.note (id text PRIMARY KEY)'])],
    build,
  });

  const url = new URL(db.url);
  [url.username, url.password] = [ROLE, ROLE];
  const env = {
    FLOTILLA_DATABASE_URL: url.href,
    FLOTILLA_MIGRATION_DATABASE_URL: db.url,
    FLOTILLA_KAFKA_BROKERS: brokers,
    FLOTILLA_GREETING: 'hello',
    FLOTILLA_LOG_LEVEL: 'silent',
    FLOTILLA_PARKED_KEY: randomBytes(32).toString('base64'),
  };
  return {
    db, env, bus, topics, seen,
    definition: definition as unknown as ServiceDefinition,
    start: (more = {}) => startForTest(definition, { ...env, ...more }),
    messages: (topic) => everything(bus, topic),
    ask: (key, data, headers = {}) => bus.publish([{ topic: topics.asked, key, value: JSON.stringify(data), headers: { ce_type: 'NoteAsked', ...headers } }]),
    end: async () => {
      await bus.close();
      await db.drop();
    },
  };
};

/** Reads a topic from its beginning to its present end. */
const everything = async (bus: Bus, topic: string): Promise<readonly BusRecord[]> => {
  const ends = new Map((await bus.admin.offsets(topic)).map(({ partition, high, low }) => [partition, { high, low }]));
  const left = new Map([...ends].filter(([, { high, low }]) => high > low));
  const records: BusRecord[] = [];
  if (left.size === 0) return records;
  let done!: () => void;
  const finished = new Promise<void>((resolve) => (done = resolve));
  const subscription = await bus.subscribe(`spec-${randomBytes(4).toString('hex')}`, [topic], {
    assigned: async (partitions) => new Map(partitions.map((at) => [`${at.topic}/${at.partition}`, { at: ends.get(at.partition)?.low ?? 0 }])),
    take: async (batch) => {
      records.push(...batch.records);
      const next = (batch.records.at(-1)?.offset ?? -1) + 1;
      if (next >= (left.get(batch.partition)?.high ?? Number.POSITIVE_INFINITY)) left.delete(batch.partition);
      if (left.size === 0) done();
      return { at: next };
    },
  });
  await finished;
  await subscription.stop();
  return records;
};
