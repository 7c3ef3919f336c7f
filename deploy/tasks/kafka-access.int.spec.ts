import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { freePorts } from './checks.ts';
import { aclsOf, kafkaAccess, kafkaPrincipals, secureKafka } from './kafka-access.ts';
import { startKafka, type Kafka } from './servers.ts';
import { createTopics, topics } from './topics.ts';

/** All that kafkajs says of a failure: it wraps, and what the broker said stands somewhere within. */
const said = (error: unknown): string => {
  const { type, message, originalError, cause, errors = [] } = error as { readonly type?: string; readonly message?: string; readonly originalError?: unknown; readonly cause?: unknown; readonly errors?: readonly unknown[] };
  return [type, message, ...[originalError, cause, ...errors].filter((one) => one !== undefined && one !== null).map(said)].join(' ');
};
const refused = /AUTHORIZATION_FAILED|[Nn]ot authorized/;

describe('the access lists of Kafka, on a real broker', () => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-acl-'));
  const passwords = Object.fromEntries(kafkaPrincipals.map((name) => [name, randomBytes(18).toString('base64url')]));
  const all = topics().map(({ name }) => name);
  let kafka: Kafka;
  let secured = '';
  beforeAll(async () => {
    const [port] = (await freePorts(1)) as [number];
    kafka = await startKafka({ dir, securedPort: port });
    secured = `127.0.0.1:${port}`;
    await createTopics({ brokers: kafka.brokers, wanted: topics().map((topic) => ({ ...topic, partitions: 1 })) });
    await secureKafka({ brokers: kafka.brokers, passwords });
  }, 120_000);
  afterAll(async () => {
    await kafka?.stop();
    rmSync(dir, { recursive: true, force: true });
  }, 60_000);

  const as = (username: string, password = passwords[username] ?? ''): kafkajs.Kafka =>
    new kafkajs.Kafka({ clientId: username, brokers: [secured], logLevel: kafkajs.logLevel.NOTHING, sasl: { mechanism: 'scram-sha-512', username, password }, retry: { retries: 0 } });
  const write = async (client: kafkajs.Kafka, wanted: readonly string[]): Promise<readonly string[]> => {
    const producer = client.producer({ idempotent: false, allowAutoTopicCreation: false, retry: { retries: 0 } });
    await producer.connect();
    const may: string[] = [];
    for (const topic of wanted) {
      try {
        await producer.send({ topic, messages: [{ key: 'k', value: 'v' }] });
        may.push(topic);
      } catch (error) {
        expect([topic, said(error)]).toEqual([topic, expect.stringMatching(refused)]);
      }
    }
    await producer.disconnect();
    return may;
  };
  /** Whether it got a message of each of these topics. */
  const read = async (client: kafkajs.Kafka, group: string, wanted: readonly string[]): Promise<string> => {
    const consumer = client.consumer({ groupId: group, allowAutoTopicCreation: false, retry: { retries: 0, restartOnFailure: async () => false } });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...wanted], fromBeginning: true });
      const missing = new Set(wanted);
      return await new Promise<string>((resolve) => {
        const late = setTimeout(() => resolve(`nothing from ${[...missing].join()}`), 25_000);
        const end = (what: string): void => (clearTimeout(late), resolve(what));
        consumer.on('consumer.crash', ({ payload: { error } }) => end(said(error)));
        void consumer.run({ eachMessage: async ({ topic }) => (missing.delete(topic), missing.size === 0 ? end('read') : undefined) }).catch((error: Error) => end(said(error)));
      });
    } catch (error) {
      return said(error);
    } finally {
      await consumer.disconnect();
    }
  };

  it('OPS-07: every principal writes what the table says, and is refused every other topic', async () => {
    for (const name of kafkaPrincipals) {
      const may = aclsOf().filter(({ principal, operation }) => principal === `User:${name}` && operation === kafkajs.AclOperationTypes.WRITE).map(({ resourceName }) => resourceName);
      expect([name, (await write(as(name), all)).toSorted()]).toEqual([name, may.toSorted()]);
    }
  }, 90_000);

  it('OPS-07: every principal reads what the table says in groups of its own name, and nothing as another group or of another topic', async () => {
    // Something to read in each.
    const plain = new kafkajs.Kafka({ clientId: 'spec', brokers: [kafka.brokers], logLevel: kafkajs.logLevel.NOTHING });
    expect(await write(plain, all)).toEqual(all);
    const told = await Promise.all(Object.entries(kafkaAccess()).map(async ([name, { reads }]) => [name, await read(as(name), `${name}-spec`, reads)]));
    expect(told).toEqual(Object.keys(kafkaAccess()).map((name) => [name, 'read']));
    expect(await read(as('carrier'), 'settlement', ['order-lifecycle.order.v1'])).toMatch(/GROUP_AUTHORIZATION_FAILED|[Nn]ot authorized to access group|group coordinator/);
    expect(await read(as('carrier'), 'carrier-spec-2', ['settlement.v1'])).toMatch(refused);
    expect(await read(as('connector'), 'connector-spec-2', ['order-lifecycle.ingest.v1'])).toMatch(refused);
  }, 120_000);

  it('OPS-07: who has no password, a wrong one, or one that was changed, does not come in; nobody makes, changes or deletes topics', async () => {
    const failed = async (client: kafkajs.Kafka): Promise<string> => {
      const admin = client.admin();
      try {
        await admin.connect();
        await admin.listTopics();
        return 'in';
      } catch (error) {
        return (error as Error).name;
      } finally {
        await admin.disconnect();
      }
    };
    expect(await failed(as('carrier'))).toBe('in');
    expect(await failed(as('carrier', 'wrong'))).toBe('KafkaJSSASLAuthenticationError');
    expect(await failed(new kafkajs.Kafka({ clientId: 'nobody', brokers: [secured], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 0 } }))).not.toBe('in');
    await secureKafka({ brokers: kafka.brokers, passwords: { carrier: 'another one' } });
    expect([await failed(as('carrier')), await failed(as('carrier', 'another one'))]).toEqual(['KafkaJSSASLAuthenticationError', 'in']);
    const admin = as('ingest').admin();
    await admin.connect();
    const tries = [() => admin.createTopics({ topics: [{ topic: 'mine' }] }), () => admin.deleteTopics({ topics: ['order-lifecycle.ingest.v1'] }), () => admin.createAcls({ acl: aclsOf().slice(0, 1) })];
    for (const one of tries) expect(await one().then(() => 'done', said)).toMatch(/AUTHORIZATION_FAILED|[Nn]ot authorized|authorization failed/i);
    await admin.disconnect();
  }, 60_000);
});
