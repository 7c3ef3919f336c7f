import { describe, expect, it } from '@jest/globals';
import type { Ingest } from '../ingest.parts.js';
import { addressesController } from './addresses.controller.js';

const secret = Buffer.from('spec');
const channels = { get: (id: string) => Promise.resolve({ id, secret }) } as unknown as Ingest['channels'];
let now = 0;
const ctx = { clock: { machine: () => new Date(now) } } as unknown as Ingest['ctx'];

describe('completing addresses', () => {
  it('ING-09: a channel that asks too often is told so, and no other', async () => {
    const reply = { status: () => reply, header: () => reply, send: () => undefined };
    const controller = new (addressesController({ channels, ctx }))() as { complete(id: string, headers: object, body: Buffer, to: object): Promise<void> };
    const ask = (channel: string): Promise<string> => controller.complete(channel, { authorization: 'Bearer spec' }, Buffer.from('{"city":"杭州市"}'), reply).then(() => 'answered', ({ reason }: { reason: string }) => reason);
    const answers: string[] = [];
    for (let n = 0; n < 601; n++) answers.push(await ask('a'));
    expect([answers.filter((answer) => answer === 'answered').length, answers.at(-1), await ask('b')]).toEqual([600, 'OVERLOADED', 'answered']);
    now = 60_000;
    expect(await ask('a')).toBe('answered');
  });
});
