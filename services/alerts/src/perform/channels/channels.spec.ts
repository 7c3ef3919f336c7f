import { existsSync, readdirSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMailer, type Mailer } from '@flotilla/notify';
import { startPeople, type People } from '../../../spec/people.js';
import type { Channel, ChannelPort, Told } from './channel.js';
import { sign as signForDingtalk } from './dingtalk/sign.js';
import { sign as signForFeishu } from './feishu/sign.js';
import { fitted } from './layout.js';
import { channels } from './registry.js';
import { sign as signForWebhook } from './standard-webhook.js';

jest.setTimeout(60_000);

// How each is played; its faults have that name.
const players: Readonly<Record<string, string>> = { dingtalk: 'dingtalk', wecom: 'wecom', feishu: 'feishu', sms: 'sms', mail: 'smtp', webhook: 'receiver', tickets: 'tickets' };

it('ALR-02: the registry lists exactly the folders, each of the one shape and played by the sandbox', () => {
  const folder = new URL('.', import.meta.url);
  const folders = readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  expect(channels.map(({ manifest }) => manifest.name).toSorted()).toEqual(folders.toSorted());
  expect(Object.keys(players).toSorted()).toEqual(folders.toSorted());
  for (const name of folders) for (const part of ['manifest.ts', 'README.md']) expect([name, part, existsSync(new URL(`${name}/${part}`, folder))]).toEqual([name, part, true]);
});

describe('ALR-02: signatures', () => {
  it('DingTalk signs time and secret with the secret', () => expect(encodeURIComponent(signForDingtalk('1577808000000', 'SECtest0000'))).toBe('CMSqXivPjkjnhjYCztHlrBfHmOToVuWL0b5zkh%2B%2FwWo%3D'));
  it('Feishu signs nothing with time and secret', () => expect(signForFeishu('1599360473', 'feishu-secret')).toBe('GnmU6lMJMtXPkxW7kXxgtXI0SJxjk0TQFnFuz93Dt+0='));
  it('a webhook signs as the example of Standard Webhooks', () =>
    expect(signForWebhook('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}')).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='));
});

describe('ALR-02: what fits', () => {
  it('is whole lines by bytes, with a count of those left out', () => {
    const lines = Array.from({ length: 100 }, (_, n) => `- 第 ${n} 条：包裹没有揽收`);
    const text = fitted(lines, 500, 'zh');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(500);
    expect(text.split('\n').at(-1)).toBe(`另有 ${100 - (text.split('\n').length - 1)} 条，请在控制台查看`);
    expect(fitted(['一二三'], 7, 'zh')).toBe('一二');
    expect(fitted(lines.slice(0, 2), 500, 'zh')).toBe(lines.slice(0, 2).join('\n'));
  });
});

// What the performer relies on, of whatever channel.
describe.each(channels.map((channel): [string, Channel] => [channel.manifest.name, channel]))('the contract of a channel: %s', (name, channel) => {
  let people: People;
  let mailer: Mailer;
  let port: ChannelPort;
  const target = players[name]!;
  const subject = (): string => `PARCEL-${randomUUID().slice(0, 8)}`;
  const told = (subjectId: string, rest: Partial<Told> = {}): Told => ({
    messageId: randomUUID(), refusals: 0, language: 'zh', severity: 'WARNING', headline: '【告警】发货后未揽收，共 1 条', more: 0, at: '2026-11-29T08:00:00.000Z', ...rest,
    sections: [{ rule: 'shipped-not-picked-up', title: '发货后未揽收', items: [{ incidentId: 'i', subjectKind: 'PARCEL', subjectId, detail: '<b>请联系承运商</b> & 查找', raisedAt: '2026-11-29T08:00:00.000Z', level: 0 }] }],
    ticket: {
      kind: 'raised', sequence: 1, at: '2026-11-29T08:00:00.000Z', level: 0, acknowledgedBy: '', acknowledgedAt: '', incidentId: randomUUID(), rule: 'shipped-not-picked-up', subjectKind: 'PARCEL', subjectId,
      title: { zh: '发货后未揽收', en: 'shipped, not picked up' }, detail: { zh: '请联系承运商', en: 'ask the carrier' }, raisedAt: '2026-11-29T08:00:00.000Z', orders: [],
    },
  });
  const account = (): object => ({ ...channel.sandbox(people.url) });
  const connect = (url: string, smtp: string, changed: object = {}): ChannelPort => {
    mailer = createMailer(smtp, 'Flotilla <alerts@flotilla.test>');
    const impatient = (at: string, init: RequestInit): Promise<Response> => fetch(at, { ...init, signal: AbortSignal.timeout(1_000) });
    return channel.connect({ account: channel.account.parse({ ...channel.sandbox(url), ...changed }), fetch: impatient, now: () => new Date(), mailer });
  };
  const readBy = async (subjectId: string): Promise<number> => (await people.told(name)).filter(({ text }) => text.includes(subjectId)).length;

  beforeAll(async () => {
    people = await startPeople();
  });
  beforeEach(async () => {
    await people.calm();
    mailer?.close();
    port = connect(people.url, people.smtp);
  });
  afterAll(async () => {
    mailer?.close();
    await people.close();
  });

  it('ALR-02: hands a message over once, in both languages, however long it is', async () => {
    const one = subject();
    expect(await port.send(told(one))).toEqual({ accepted: true });
    expect(await readBy(one)).toBe(1);
    expect(await port.send(told(subject(), { language: 'en', severity: 'CRITICAL', headline: '[Critical] SKU frozen: 1 incident' }))).toEqual({ accepted: true });
    const long = told(subject());
    const items = Array.from({ length: 200 }, (_, n) => ({ ...long.sections[0]!.items[0]!, subjectId: `包裹-${n}`, detail: '很长的说明'.repeat(20) }));
    expect(await port.send({ ...long, sections: [{ ...long.sections[0]!, items }], more: 5_000 })).toEqual({ accepted: true });
  });

  it('ALR-02: says for certain that a provider which throttles took nothing, and when to come again', async () => {
    const one = subject();
    await people.fault({ target, kind: 'rate-limit', count: 1 });
    const handed = await port.send(told(one));
    expect(handed).toMatchObject({ accepted: false, certain: true, final: false });
    expect(await readBy(one)).toBe(0);
    expect(JSON.stringify(handed)).not.toMatch(/138|flotilla\.test/);
    expect(await port.send(told(one, { refusals: 1 }))).toEqual({ accepted: true });
    expect(await readBy(one)).toBe(1);
  });

  it('ALR-02: says that nobody knows when the answer was lost', async () => {
    const one = subject();
    if (name === 'mail') {
      mailer.close();
      // Else its answer takes 15 s to be missed.
      port = connect(people.url, `${people.smtp}?socketTimeout=3000`);
    }
    await people.fault({ target, kind: 'timeout-after-effect', count: 1, ms: 3_000 });
    expect(await port.send(told(one))).toMatchObject({ accepted: false, certain: false, final: false });
    expect(await readBy(one)).toBe(1);
  });

  it('ALR-02: a repeat after a lost answer reaches nobody twice where the protocol allows it', async () => {
    const one = told(subject());
    expect(await port.send(one)).toEqual({ accepted: true });
    expect(await port.send(one)).toEqual({ accepted: true });
    const reads = (await people.told(name)).filter(({ text }) => text.includes(one.sections[0]!.items[0]!.subjectId));
    if (name === 'sms') expect(reads).toHaveLength(1);
    // The receiver and the mail program tell the copy by its id.
    else if (channel.manifest.repeatable) expect(reads.map(({ to, text }) => to === one.messageId || text.includes(`Message-ID: <${one.messageId}@alerts.flotilla>`))).toEqual([true, true]);
    else expect(reads).toHaveLength(2);
  });

  it('ALR-02: a secret that is not right is a final no, for certain', async () => {
    const otherSecret = { secret: `whsec_${Buffer.alloc(32, 7).toString('base64')}` };
    const wrong: Readonly<Record<string, object>> = { dingtalk: { secret: 'SECother' }, wecom: { key: 'other' }, feishu: { secret: 'other' }, sms: { accessKeySecret: 'other' }, webhook: otherSecret, tickets: otherSecret };
    if (name === 'mail') {
      expect(Object.keys(account())).toEqual(['to', 'dailyReport']); // it has no secret of its own
      return;
    }
    const one = subject();
    expect(await connect(people.url, people.smtp, wrong[name]).send(told(one))).toMatchObject({ accepted: false, certain: true, final: true });
    expect(await readBy(one)).toBe(0);
  });

  it('ALR-02: whoever is not reached has taken nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: free } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await connect(`http://127.0.0.1:${free}`, `smtp://127.0.0.1:${free}`).send(told(subject()))).toMatchObject({ accepted: false, certain: true, final: false });
  });

  it('ALR-02: a target that is described wrongly is refused before anything is sent', () => {
    expect(channel.account.safeParse({}).success).toBe(false);
    expect(channel.account.safeParse({ ...account(), more: 1 }).success).toBe(false);
  });
});

describe('the sandbox’s robots', () => {
  it('ALR-02: DingTalk takes twenty messages a minute, then is deaf', async () => {
    const people = await startPeople();
    const dingtalk = channels.find(({ manifest }) => manifest.name === 'dingtalk')!;
    const port = dingtalk.connect({ account: dingtalk.account.parse(dingtalk.sandbox(people.url)), fetch, now: () => new Date(), mailer: { send: () => Promise.reject(new Error('no mail')), close: () => undefined } });
    const one = (): Promise<unknown> => port.send({ messageId: randomUUID(), refusals: 0, language: 'zh', severity: 'INFO', headline: 'x', sections: [], more: 1, at: '2026-11-29T08:00:00.000Z' });
    const outcomes = [];
    for (let n = 0; n < 22; n += 1) outcomes.push(await one());
    expect(outcomes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => ({ accepted: true })));
    expect(outcomes.slice(20)).toEqual([1, 2].map(() => ({ accepted: false, certain: true, final: false, detail: '130101', retryAfterMs: 600_000 })));
    await people.close();
  });
});
