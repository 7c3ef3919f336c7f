import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, topics } from '@flotilla/contracts';
import { partitionOf, toIncoming } from '@flotilla/messaging';
import { compactDecrypt, CompactEncrypt, generateKeyPair, importJWK, type JWK } from 'jose';
import { readSubmitted } from './delivery.js';
import { submitted } from './order.js';

const example = (name: string): string => readFileSync(join(import.meta.dirname, '../../../../../docs/examples', name), 'utf8');

describe('the example of a connector', () => {
  const order = JSON.parse(example('channel-order.json')) as Record<string, unknown> & { personal: Record<string, unknown> };
  const python = example('connector.py');

  it('ING-05: sends a message that follows the schema and is understood, its person sealed as the example seals', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256' });
    const header = JSON.parse(/\{"alg".*?\}/.exec(python)![0]) as { alg: string; enc: string };
    const personal = await new CompactEncrypt(Buffer.from(JSON.stringify(order.personal))).setProtectedHeader(header).encrypt(publicKey);
    const message = { ...order, personal };
    expect(parseMessage(submitted, message)).toEqual(message);
    const [reading] = await readSubmitted({ topic: submitted, body: Buffer.from(JSON.stringify(message)) }, async (jwe) => (await compactDecrypt(jwe, privateKey)).plaintext);
    expect(reading).toMatchObject({ channelOrderId: order['channelOrderId'], said: { as: 'order', order: { total: 32000, shipTo: { name: order.personal['name'] } } } });
  });

  it('ING-05: is ten lines of Python that name topic, type, key and partitioner as the contract has them', () => {
    expect(python.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#') && !/^(?:import|from) /.test(line)).length).toBeLessThanOrEqual(10);
    for (const part of [`produce("${topics.channelOrders}"`, `"ce_type": "${submitted}"`, `key=f'{order["channel"]}/{order["channelOrderId"]}'`, '"partitioner": "murmur2_random"', '/v1/keys']) expect(python).toContain(part);
    // Sealed before anything is sent.
    expect(python.indexOf('order["personal"] = sealed.serialize')).toBeGreaterThan(0);
    expect(python.indexOf('order["personal"] = sealed.serialize')).toBeLessThan(python.indexOf('producer.produce'));
  });

  // What the example sent when it was run with its own libraries (services/ingest/spec/record_connector.py says how to run it again).
  const run = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/python-run.json'), 'utf8')) as {
    readonly example: string; readonly order: string; readonly asked: readonly string[]; readonly privateKey: JWK; readonly topic: string; readonly partition: number; readonly key: string; readonly value: string;
    readonly headers: Readonly<Record<string, string>>; readonly config: Readonly<Record<string, string>>;
  };
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

  it('ING-05: was run as it stands: another example or another order has to be run again', () => expect([run.example, run.order]).toEqual([sha256(python), sha256(example('channel-order.json'))]));

  it('ING-05: what it sent when it was run is what we would send, to the byte but for the sealing, and is understood', async () => {
    const value = Buffer.from(run.value, 'base64');
    const key = await importJWK(run.privateKey, 'ECDH-ES');
    const sent = JSON.parse(value.toString()) as { readonly personal: string };
    // Python escapes what is not ASCII and puts spaces after separators: read, both say the same.
    expect(JSON.stringify({ ...sent, personal: order.personal })).toBe(JSON.stringify(order));
    expect(JSON.parse(Buffer.from((await compactDecrypt(sent.personal, key)).plaintext).toString())).toEqual(order.personal);
    for (const word of ['王小明', '\\u738b', '13800138000', '文三路', '\\u6587']) expect(value.toString()).not.toContain(word);
    const record = { offset: 0, key: run.key, value, timestamp: Date.parse('2026-11-30T03:00:00.000Z'), headers: run.headers };
    const incoming = toIncoming({ topic: run.topic, partition: run.partition }, record);
    expect(incoming).toMatchObject({ topic: topics.channelOrders, type: submitted, key: `${String(order['channel'])}/${String(order['channelOrderId'])}`, id: expect.stringMatching(/^[0-9a-f-]{36}$/), time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
    expect(parseMessage(submitted, incoming.data)).toEqual(incoming.data);
    // Where Kafka's own clients, and ours, put this key; librdkafka's broker made four partitions.
    expect([run.partition, run.config]).toEqual([partitionOf(run.key, 4), { 'bootstrap.servers': '127.0.0.1:9092', partitioner: 'murmur2_random', acks: 'all' }]);
    expect(run.asked).toEqual(['http://127.0.0.1:8101/v1/keys']);
    const [reading] = await readSubmitted({ topic: submitted, body: value }, async (jwe) => (await compactDecrypt(jwe, key)).plaintext);
    expect(reading).toMatchObject({ channelOrderId: order['channelOrderId'], kind: 'announce', said: { as: 'order', order: { total: 32000, shipTo: { name: order.personal['name'], street: order.personal['street'] }, remark: order.personal['remark'] } } });
  });
});
