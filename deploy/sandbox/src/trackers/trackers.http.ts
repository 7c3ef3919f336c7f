import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { SfParcels } from '../carriers/sf/parcels.js';
import { sleep } from '../clock.js';
import { body, missing, param } from '../control/reply.js';
import { answer, type Answer } from '../faults/answer.js';
import { PUSHING, type Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import { Numbers, type Event, type Number as Followed } from './numbers.js';

// Not secrets: this world exists on one machine.
const kuaidi = { customer: 'SANDBOX', key: 'sandbox-kuaidi100' };
const track17Key = 'sandbox-17track';

const md5 = (...parts: readonly string[]): string => createHash('md5').update(parts.join('')).digest('hex').toUpperCase();
const json = (value: object, status = 200): Answer => ({ status, body: JSON.stringify(value) });
const textOf = (bytes: unknown): string => (Buffer.isBuffer(bytes) ? bytes.toString('utf8') : '');
const objectOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const question = z.object({ com: z.string(), num: z.string().min(4) });
const subscription = z.object({ company: z.string(), number: z.string().min(4), key: z.string(), parameters: z.object({ callbackurl: z.url(), salt: z.string().default('') }) });
const registration = z.array(z.object({ number: z.string(), carrier: z.number().optional(), tag: z.string().default('') })).max(40);
const asked = z.array(z.object({ number: z.string() })).max(40);
const planted = z.strictObject({
  push: z.boolean().default(true),
  forge: z.boolean().default(false),
  events: z.array(z.strictObject({ at: z.iso.datetime(), text: z.string(), place: z.string().default(''), stage: z.string() })).min(1),
});

const coms = new Set(['shunfeng', 'zhongtong', 'yuantong', 'shentong', 'yunda', 'jtexpress', 'jd', 'ems', 'debangkuaidi']);
const states: Readonly<Record<string, string>> = {
  PickedUp: '103', Departure: '1002', Arrival: '1002', OutForDelivery: '5', AvailableForPickup: '501', Delivered: '301', DeliveryFailure: '14', Returning: '6', Returned: '4', InTransit_CustomsProcessing: '11', Exception: '2',
};
const stages = new Set(['PickedUp', 'Departure', 'Arrival', 'OutForDelivery', 'AvailableForPickup', 'Delivered', 'Returning', 'Returned']);
const statusOf = (stage: string): { status: string; sub_status: string } => (stage.startsWith('InTransit_') ? { status: 'InTransit', sub_status: stage } : { status: stage === 'Departure' || stage === 'Arrival' || stage === 'PickedUp' ? 'InTransit' : stage, sub_status: `${stage}_Other` });

const inBeijing = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

// Newest first, as the vendor has it.
const lastResult = (followed: Pick<Followed, 'number' | 'carrier'>, events: readonly Event[]): object => {
  const data = events.toReversed().map(({ at, text, place, stage }) => ({ time: inBeijing(at), ftime: inBeijing(at), context: text, areaName: place, status: stage, statusCode: states[stage] ?? stage }));
  return { message: 'ok', nu: followed.number, com: followed.carrier, ischeck: events.at(-1)?.stage === 'Delivered' ? '1' : '0', status: '200', state: (data[0]?.statusCode ?? '0').slice(0, 1), data };
};

const trackInfo = (number: string, followed: Followed | undefined, events: readonly Event[]): object => {
  const seconds = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
  const told = events.toReversed().map(({ at, text, place, stage }) => ({ time_iso: seconds(at), time_utc: seconds(at), description: text, location: place, stage: stages.has(stage) ? stage : null }));
  const latest = events.at(-1);
  return {
    number, carrier: globalThis.Number(followed?.carrier ?? 0), param: null, tag: followed?.tag ?? null,
    track_info: { latest_status: latest ? statusOf(latest.stage) : { status: 'NotFound', sub_status: 'NotFound_Other' }, latest_event: told[0] ?? null, milestone: [], tracking: { providers: [{ provider: { key: 0 }, events: told }] } },
  };
};

/** Two aggregators of tracking: Kuaidi100 (subscribe, ask, push with MD5) and 17TRACK (register, ask, push with SHA-256). */
export function trackersApi(app: FastifyInstance, options: { faults: Faults; ledger: Ledger; parcels: SfParcels; trackingUrl: string }): { stop(): void } {
  const { faults, ledger, trackingUrl } = options;
  const known = { kuaidi100: new Numbers(options.parcels), track17: new Numbers(options.parcels) };
  const stopped = new AbortController();

  const serve = (target: 'kuaidi100' | 'track17', url: string, operation: string, take: (text: string, header: (name: string) => string) => Answer): void => {
    app.post(url, async (request, reply): Promise<FastifyReply> => {
      const noted = (status: string): void => void ledger.note({ world: 'trackers', direction: 'in', kind: `${target}.${operation}`, status });
      const limited = (): Answer => (target === 'track17' ? { status: 429, body: '{}' } : json({ result: false, returnCode: '601', message: '调用频率超限' }));
      return answer({ faults, target, operation, reply, limited, noted }, () => take(textOf(request.body), (name) => String(request.headers[name] ?? '')));
    });
  };

  serve('kuaidi100', '/kuaidi100/poll', 'subscribe', (text) => {
    const form = new URLSearchParams(text);
    const read = subscription.safeParse(objectOf(form.get('param') ?? ''));
    if (!read.success || form.get('schema') !== 'json') return json({ result: false, returnCode: '500', message: '参数错误' });
    const { company, number, key, parameters } = read.data;
    if (key !== kuaidi.key) return json({ result: false, returnCode: '600', message: '您不是合法的订阅者' });
    if (!coms.has(company)) return json({ result: false, returnCode: '700', message: '不支持的快递公司' });
    const fresh = known.kuaidi100.follow({ number, carrier: company, tag: '', callback: parameters.callbackurl, salt: parameters.salt });
    return fresh ? json({ result: true, returnCode: '200', message: '提交成功' }) : json({ result: false, returnCode: '501', message: '重复订阅' });
  });

  serve('kuaidi100', '/kuaidi100/poll/query.do', 'query', (text) => {
    const form = new URLSearchParams(text);
    const raw = form.get('param') ?? '';
    if (form.get('customer') !== kuaidi.customer || form.get('sign') !== md5(raw, kuaidi.key, kuaidi.customer)) return json({ result: false, returnCode: '503', message: '验证签名失败' });
    const read = question.safeParse(objectOf(raw));
    if (!read.success) return json({ result: false, returnCode: '400', message: '参数错误' });
    const { com, num } = read.data;
    known.kuaidi100.asked.set(num, (known.kuaidi100.asked.get(num) ?? 0) + 1);
    const events = known.kuaidi100.events(num);
    return events.length === 0 ? json({ result: false, returnCode: '500', message: '查询无结果，请隔段时间再查' }) : json(lastResult({ number: num, carrier: com }, events));
  });

  const ofTrack17 = (take: (text: string) => Answer) => (text: string, header: (name: string) => string): Answer => (header('17token') === track17Key ? take(text) : json({ code: -18_010_002, data: { errors: [{ code: -18_010_002, message: 'token' }] } }, 401));

  serve('track17', '/track17/track/v2.2/register', 'register', ofTrack17((text) => {
    const read = registration.safeParse(objectOf(text));
    if (!read.success) return json({ code: -18_010_013, data: {} }, 400);
    const accepted: object[] = [];
    const rejected: object[] = [];
    for (const { number, carrier, tag } of read.data) {
      // A number in which nobody can see a carrier.
      if (carrier === undefined && !/^(?:[A-Z]{2}\d{9}[A-Z]{2}|1Z\w{16}|SF\w{13}|\d{10,22})$/.test(number)) rejected.push({ number, error: { code: -18_019_903, message: 'carrier cannot be detected' } });
      else if (known.track17.follow({ number, carrier: String(carrier ?? 0), tag, callback: '', salt: '' })) accepted.push({ origin: carrier === undefined ? 1 : 2, number, tag, carrier: carrier ?? 0 });
      else rejected.push({ number, error: { code: -18_019_901, message: 'registered already' } });
    }
    return json({ code: 0, data: { accepted, rejected } });
  }));

  serve('track17', '/track17/track/v2.2/gettrackinfo', 'gettrackinfo', ofTrack17((text) => {
    const read = asked.safeParse(objectOf(text));
    if (!read.success) return json({ code: -18_010_013, data: {} }, 400);
    const accepted = read.data.filter(({ number }) => known.track17.followed(number)).map(({ number }) => {
      known.track17.asked.set(number, (known.track17.asked.get(number) ?? 0) + 1);
      return trackInfo(number, known.track17.followed(number), known.track17.events(number));
    });
    return json({ code: 0, data: { accepted, rejected: read.data.filter(({ number }) => !known.track17.followed(number)).map(({ number }) => ({ number, error: { code: -18_019_902 } })) } });
  }));

  /** Pushes until it is taken, as each vendor does, only faster. */
  const push = async (target: 'kuaidi100' | 'track17', url: string, init: { body: string; headers: Record<string, string> }, taken: (answered: string) => boolean): Promise<void> => {
    for (let attempt = 0; attempt < 5 && !stopped.signal.aborted; attempt += 1) {
      let status = 'no answer';
      try {
        const response = await fetch(url, { method: 'POST', ...init, signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(5_000)]) });
        status = response.ok && taken(await response.text()) ? 'accepted' : `refused ${response.status}`;
      } catch {
        status = 'no answer';
      }
      ledger.note({ world: 'trackers', direction: 'out', kind: `${target}.push`, status });
      if (status === 'accepted' || status === 'refused 401') return;
      await sleep(200 * 2 ** attempt, stopped.signal);
    }
  };

  app.put('/_control/trackers/:tracker/:number', async (request, reply) => {
    const tracker = param(request, 'tracker');
    if (tracker !== 'kuaidi100' && tracker !== 'track17') return missing(reply, 'no such tracker');
    const number = param(request, 'number');
    const { events, push: pushes, forge } = body(request, planted);
    known[tracker].plant(number, events.map(({ at, ...event }) => ({ at: Date.parse(at), ...event })));
    const followed = known[tracker].followed(number);
    if (!pushes || followed === undefined) return reply.code(202).send({ pushed: false });
    const struck = faults.strike(tracker, 'push', PUSHING)?.kind;
    if (struck === 'drop') return reply.code(202).send({ pushed: false });
    const all = known[tracker].events(number);
    const once = (): Promise<void> => {
      if (tracker === 'kuaidi100') {
        const text = JSON.stringify({ status: 'polling', billstatus: 'sending', message: '', autoCheck: '0', lastResult: lastResult(followed, all) });
        const form = new URLSearchParams({ param: text, sign: forge ? md5(text, 'forged') : md5(text, followed.salt) }).toString();
        return push(tracker, followed.callback, { body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }, (answered) => answered === '{"result":true,"returnCode":"200","message":"成功"}');
      }
      const text = JSON.stringify({ event: 'TRACKING_UPDATED', data: trackInfo(number, followed, all) });
      const sign = createHash('sha256').update(`${text}/${forge ? 'forged' : track17Key}`).digest('hex');
      return push(tracker, `${trackingUrl}/v1/sources/track17/routes`, { body: text, headers: { 'content-type': 'application/json', sign } }, () => true);
    };
    await once();
    if (struck === 'duplicate') await once();
    return reply.code(202).send({ pushed: true });
  });
  app.get('/_control/trackers/:tracker/:number', async (request, reply) => {
    const tracker = param(request, 'tracker');
    if (tracker !== 'kuaidi100' && tracker !== 'track17') return missing(reply, 'no such tracker');
    const number = param(request, 'number');
    return { followed: known[tracker].followed(number) !== undefined, asked: known[tracker].asked.get(number) ?? 0 };
  });
  return { stop: () => stopped.abort() };
}
