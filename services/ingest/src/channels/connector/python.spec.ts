import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, topics } from '@flotilla/contracts';
import { compactDecrypt, CompactEncrypt, generateKeyPair } from 'jose';
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
});
