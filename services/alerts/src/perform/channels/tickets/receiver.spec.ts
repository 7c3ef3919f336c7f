import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Mailer } from '@flotilla/notify';
import { eventually } from '@flotilla/testing';
import type { ChannelPort, TicketTold, Told } from '../channel.js';
import { tickets } from './tickets.http.js';

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const at = '2026-11-30T08:00:00.000Z';
const ticketId = '0b0b6d6e-6f29-5a0b-9d5b-0d4f0f4f1a01';
const told = (messageId: string, kind: TicketTold['kind']): Told => ({
  messageId, refusals: 0, language: 'zh', severity: 'WARNING', headline: '', sections: [], more: 0, at,
  ticket: { kind, sequence: 1, at, level: 0, acknowledgedBy: '', acknowledgedAt: '', incidentId: ticketId, rule: 'tracking-break', subjectKind: 'PARCEL', subjectId: 'P1', title: { zh: '物流中断', en: 'tracking break' }, detail: { zh: '请核查', en: 'ask' }, raisedAt: at, orders: [] },
});

describe('the receiver of the README', () => {
  let receiver: ChildProcess;
  let url = '';
  let said = '';
  const connect = (with_: string): ChannelPort => tickets.connect({ account: tickets.account.parse({ url, secret: with_ }), fetch, now: () => new Date(), mailer: undefined as unknown as Mailer });

  beforeAll(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    url = `http://127.0.0.1:${port}`;
    const [, code] = /```js\n(.*?)```/s.exec(readFileSync(new URL('README.md', import.meta.url), 'utf8'))!;
    receiver = spawn(process.execPath, ['--input-type=module', '--eval', code!], { env: { PORT: String(port), SECRET: secret }, stdio: ['ignore', 'pipe', 'inherit'] });
    receiver.stdout!.on('data', (text: Buffer) => (said += text.toString()));
    await eventually(() => fetch(url, { method: 'POST' }), { timeoutMs: 10_000 });
  }, 20_000);
  afterAll(() => void receiver?.kill());

  it('ORD-13: takes each change once and refuses what is not signed', async () => {
    expect(await connect(`whsec_${Buffer.alloc(32, 6).toString('base64')}`).send(told('e1', 'raised'))).toMatchObject({ accepted: false, certain: true, final: true, detail: 'HTTP 401' });
    for (const [id, kind] of [['e1', 'raised'], ['e1', 'raised'], ['e2', 'acknowledged'], ['e3', 'cleared']] as const) expect(await connect(secret).send(told(id, kind))).toEqual({ accepted: true });
    await eventually(async () => expect(said.trim().split('\n')).toEqual(['open', 'acknowledged', 'closed'].map((state) => `${state} ${ticketId}`)));
  });
  it('ORD-13: what is no change is not posted', async () => {
    const { ticket: _, ...bundle } = told('e4', 'raised');
    await expect(connect(secret).send(bundle)).rejects.toThrow('changes alone');
  });
});
