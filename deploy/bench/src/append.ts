import { randomBytes, randomUUID } from 'node:crypto';
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { createEventStore } from '@flotilla/event-store';
import pg from 'pg';
import { ask, asked, metaNow } from './sample.ts';
import { percentile, resultOf, type Result, type Run } from './stats.ts';
import { warmed } from './warm.ts';
import { poolOf, withClient, type World } from './world.ts';

const callers = [32, 256] as const;
const measuredMs = 1_500;
const warmingMs = 1_000;
/** Rounds of warming up, at most, for each side and number of callers. */
const mostWarming = 15;
// Few enough that most are known: a stream's first command is a question more.
const streamsPerCaller = 50;

interface Loop {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of this process per command. */
  readonly cpu: number;
  readonly group: number;
}

type Append = (stream: string, version: number) => Promise<void>;

/** As many commands as the callers get through, each waiting for its own before the next; `groups` counts transactions. */
const closedLoop = async (count: number, ms: number, append: Append, groups: () => number): Promise<Loop> => {
  const waits: number[] = [];
  const before = { cpu: process.cpuUsage(), groups: groups(), at: performance.now() };
  const end = before.at + ms;
  await Promise.all(
    Array.from({ length: count }, async () => {
      const streams = Array.from({ length: streamsPerCaller }, () => randomUUID());
      for (let n = 0; performance.now() < end; n += 1) {
        const asked = performance.now();
        await append(streams[n % streamsPerCaller] ?? '', Math.floor(n / streamsPerCaller) + 1);
        waits.push(performance.now() - asked);
      }
    }),
  );
  const seconds = (performance.now() - before.at) / 1_000;
  const cpu = process.cpuUsage(before.cpu);
  return { perSecond: waits.length / seconds, p50: percentile(waits, 50), p99: percentile(waits, 99), cpu: (cpu.user + cpu.system) / waits.length, group: waits.length / Math.max(1, groups() - before.groups) };
};

// The same columns and indexes as es.event, without what makes it a log: no order, no check of versions, no heads, no chain.
export const plainTable = `
CREATE TABLE plain_event (
  position bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, stream_id text COLLATE "C" NOT NULL, version bigint NOT NULL, event_id uuid NOT NULL, type text NOT NULL,
  schema_version smallint NOT NULL, recorded_at timestamptz NOT NULL, data json NOT NULL, meta json NOT NULL, hash bytea NOT NULL);
CREATE UNIQUE INDEX ON plain_event (stream_id, version)`;

const insert = `INSERT INTO plain_event (stream_id, version, event_id, type, schema_version, recorded_at, data, meta, hash)
SELECT s, v, i, 'StockAsked', 1, clock_timestamp(), d, m, h FROM json_to_recordset($1) AS r(s text, v bigint, i uuid, d json, m json, h bytea)`;

interface Row {
  readonly text: string;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Whatever queued while the last group was written goes in the next one: the groups are as large as the store's. */
class PlainGroups {
  groups = 0;
  #queue: Row[] = [];
  #busy = false;
  // One hash for all: the limit does not compute any.
  readonly #hash = `\\\\x${randomBytes(32).toString('hex')}`;

  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  readonly append: Append = (stream, version) =>
    new Promise((done, failed) => {
      this.#queue.push({ text: `{"s":"sample-${stream}","v":${version},"i":"${randomUUID()}","d":${JSON.stringify(asked())},"m":${JSON.stringify(metaNow())},"h":"${this.#hash}"}`, done, failed });
      if (!this.#busy) setImmediate(() => void this.#write());
      this.#busy = true;
    });

  async #write(): Promise<void> {
    const group = this.#queue.splice(0, 512);
    this.groups += 1;
    try {
      await this.#client.query({ name: 'plain', text: insert, values: [`[${group.map(({ text }) => text).join()}]`] });
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
    setImmediate(() => {
      this.#busy = this.#queue.length > 0;
      if (this.#busy) void this.#write();
    });
  }
}

/** Emmett as its documentation shows it, with a pool as large as the 32 callers; nothing is loaded, the version is known. */
const emmett = async (url: string): Promise<{ readonly append: Append; close(): Promise<void> }> => {
  const pool = new pg.Pool({ connectionString: url, max: 32 });
  pool.on('error', () => undefined);
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pooled: true, pool } });
  return {
    append: async (stream, version) =>
      void (await store.appendToStream(`sample-${stream}`, [{ type: 'StockAsked', data: { ...asked() }, metadata: { ...metaNow() } }], { expectedStreamVersion: version === 1 ? 'STREAM_DOES_NOT_EXIST' : BigInt(version - 1) })),
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
};

const sides = ['ours', 'limit', 'emmett'] as const;
type Side = (typeof sides)[number];

/** Event append: ours against a raw batched insert of the same rows, and against Emmett, in turn. */
export const append = async (world: World, rounds: number, say: (line: string) => void): Promise<readonly Result[]> => {
  const { owner, service } = await world.database('bench_append');
  await withClient(owner, (client) => client.query(plainTable));
  const pool = poolOf(service);
  const store = createEventStore({ pool, cacheSize: 200_000 });
  let groups = 0;
  store.onAppended(() => (groups += 1));
  const ours: Append = async (stream) => void (await store.execute(ask(stream, asked())));
  const client = new pg.Client(owner);
  await client.connect();
  const plain = new PlainGroups(client);
  const other = await emmett((await world.database('bench_emmett')).owner);
  let committed = 0;
  const single: Append = (stream, version) => other.append(stream, version).then(() => void (committed += 1));
  const all: Readonly<Record<Side, readonly [Append, () => number]>> = { ours: [ours, () => groups], limit: [plain.append, () => plain.groups], emmett: [single, () => committed] };
  const results: Result[] = [];
  for (const count of callers) {
    for (const side of sides) say(`append, ${count} callers: ${side} is warm after ${await warmed(async () => 1 / (await closedLoop(count, warmingMs, ...all[side])).perSecond, mostWarming)} rounds`);
    const runs: Omit<Run, 'ratio'>[] = [];
    const against: Omit<Run, 'ratio'>[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // Who begins changes: a checkpoint of the one must not always fall upon the other.
      const order = round % 2 === 0 ? sides : sides.toReversed();
      const found: Partial<Record<Side, Loop>> = {};
      for (const side of order) found[side] = await closedLoop(count, measuredMs, ...all[side]);
      const [mine, raw, theirs] = [found.ours!, found.limit!, found.emmett!];
      const more = { p50: mine.p50, p99: mine.p99, cpuUs: mine.cpu, group: mine.group };
      runs.push({ ours: mine.perSecond, limit: raw.perSecond, more: { ...more, limitP50: raw.p50, limitP99: raw.p99, limitCpuUs: raw.cpu, limitGroup: raw.group } });
      against.push({ ours: mine.perSecond, limit: theirs.perSecond, more: { ...more, emmettP50: theirs.p50, emmettP99: theirs.p99, emmettCpuUs: theirs.cpu } });
      say(`append, ${count} callers, round ${round + 1}/${rounds}: ${mine.perSecond.toFixed(0)}/s (p50 ${mine.p50.toFixed(1)} ms, p99 ${mine.p99.toFixed(1)} ms, ${mine.cpu.toFixed(0)} µs, groups of ${mine.group.toFixed(0)}); raw ${raw.perSecond.toFixed(0)}/s (groups of ${raw.group.toFixed(0)}, ${raw.cpu.toFixed(0)} µs); Emmett ${theirs.perSecond.toFixed(0)}/s`);
    }
    results.push(resultOf(`append-${count}`, 'commands/s', runs), resultOf(`append-${count}-emmett`, 'commands/s', against));
  }
  await other.close();
  await store.close();
  await pool.end();
  await client.end();
  return results;
};
