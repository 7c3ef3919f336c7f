import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topicOf, topics } from '@flotilla/contracts';
import { silentLogger } from '@flotilla/event-store';
import { connectBus, type Bus } from '@flotilla/messaging';
import { createTopics, testServers } from '@flotilla/tasks';

interface Told {
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly data: unknown;
}

const api = JSON.parse(readFileSync('docs/asyncapi.json', 'utf8')) as { channels: Record<string, { messages: Record<string, unknown> }>; components: { schemas: Record<string, { properties?: object }> } };
const events = api.channels[topics.settlement]?.messages ?? {};
const golden = (type: string): unknown => JSON.parse(readFileSync(`proto/golden/${type}.json`, 'utf8'));

describe('the events of settlement for finance', () => {
  let bus: Bus;
  let brokers: string;
  const marks: string[] = [];

  const publish = async (types: readonly string[], from: number): Promise<void> => {
    await bus.publish(
      types.map((type, n) => ({
        topic: topics.settlement, key: `k${n}`, value: JSON.stringify(golden(type)),
        headers: { ce_specversion: '1.0', ce_id: `e${from + n}/0`, ce_source: `statement-${n}`, ce_type: type, ce_time: new Date().toISOString(), sequence: '1', correlation: 'c', causation: 'c', chainhash: 'ab', 'content-type': 'application/json' },
      })),
    );
  };

  /** What the documented consumer prints until it has printed so many lines, and a while longer. */
  const replayed = (from: string, count: number): Promise<readonly Told[]> =>
    new Promise((resolve, reject) => {
      const told: Told[] = [];
      const errors: string[] = [];
      const child = spawn(process.execPath, ['docs/examples/settlement-events.mjs', from, brokers], { stdio: ['ignore', 'pipe', 'pipe'] });
      const end = setTimeout(() => child.kill('SIGKILL'), 60_000);
      createInterface(child.stderr).on('line', (line) => errors.push(line));
      createInterface(child.stdout).on('line', (line) => {
        told.push(JSON.parse(line) as Told);
        // More than was expected has a second to show.
        if (told.length === count) setTimeout(() => child.kill('SIGTERM'), 1_000);
      });
      child.on('error', reject);
      child.on('exit', () => {
        clearTimeout(end);
        if (told.length === 0) reject(new Error(`nothing was told: ${errors.join('\n')}`));
        else resolve(told);
      });
    });

  beforeAll(async () => {
    const servers = testServers();
    ({ brokers } = servers);
    await createTopics({ brokers, fresh: true });
    bus = connectBus({ brokers: [brokers], clientId: 'test', log: silentLogger });
    const types = Object.keys(events);
    const half = Math.floor(types.length / 2);
    marks.push(new Date().toISOString());
    await publish(types.slice(0, half), 0);
    await new Promise((done) => setTimeout(done, 50));
    marks.push(new Date().toISOString());
    await publish(types.slice(half), half);
    // A relay that had no answer sends again.
    await publish(types.slice(half), half);
  }, 60_000);

  afterAll(() => bus?.close());

  it('SET-08: are described, each with a schema, an example and a line in the documents', () => {
    const text = readFileSync('docs/settlement-events.md', 'utf8');
    const types = Object.keys(events);
    expect(types.length).toBeGreaterThan(10);
    for (const type of types) {
      expect(topicOf(type)).toBe(topics.settlement);
      expect(Object.keys(api.components.schemas[type]?.properties ?? {}).toSorted()).toEqual(Object.keys(golden(type) as object).toSorted());
      expect(text).toContain(`| \`${type.split('.').at(-1)}\` |`);
    }
    const named = [...text.matchAll(/^\| `([A-Z]\w+)` \|/gm)].map((match) => `flotilla.settlement.v1.${match[1]}`);
    expect(named.toSorted()).toEqual(types.toSorted());
    expect(readFileSync('docs/examples/settlement-events.mjs', 'utf8').trim().split('\n').length).toBeLessThanOrEqual(17);
  });

  it('SET-08: are told again from any date by the documented consumer, each once', async () => {
    const types = Object.keys(events);
    const all = await replayed(marks[0] ?? '', types.length);
    expect(all.map(({ type }) => type).toSorted()).toEqual(types.toSorted());
    for (const { type, data } of all) expect(data).toEqual(golden(type));
    const half = Math.floor(types.length / 2);
    const later = await replayed(marks[1] ?? '', types.length - half);
    expect(later.map(({ id }) => id).toSorted()).toEqual(types.slice(half).map((_, n) => `e${half + n}/0`).toSorted());
  }, 180_000);
});
