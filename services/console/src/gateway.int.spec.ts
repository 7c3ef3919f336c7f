import { randomBytes } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { allocation, carrier, ops, order, settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { eventually } from '@flotilla/testing';
import { startTestConsole, servePart, password, type Browser, type TestConsole } from '../spec/fleet.js';
import { methods, roles, may } from './methods.js';

jest.setTimeout(60_000);

const rpc = (name: string): string => `/api/rpc/${name}`;
const jsonOf = async (answer: Response | Promise<Response>): Promise<Record<string, unknown>> => (await (await answer).json()) as Record<string, unknown>;

describe('the gateway of the console, before real gRPC', () => {
  let world: TestConsole;
  let browsers: Readonly<Record<string, Browser>>;
  const seen: { method: string; caller: string; request: Record<string, unknown>; deadline: number }[] = [];
  let tell: ((batch: ops.ChangeBatch) => void) | undefined;
  const uploaded: { channel: string; bytes: number }[] = [];
  let exported = 0;

  beforeAll(async () => {
    const noted = (method: string, answer: (request: never) => unknown) => async (request: Record<string, unknown>, call: { caller: string; deadline: Date }) => {
      seen.push({ method, caller: call.caller, request, deadline: call.deadline.getTime() - Date.now() });
      return answer(request as never);
    };
    const orders = servePart(order.Orders, {
      get: noted('Get', ({ orderId }: { orderId: string }) => {
        if (orderId === 'gone') throw new Refused('NOT_FOUND', 'no such order', { field: 'orderId' });
        if (orderId === 'broken') throw new Error('postgres://flotilla:hunter2@db/orders is away');
        return { orderId, total: { amount: 1999, currency: 'USD' }, shipTo: { city: '杭州市', name: world.sealed('name', '张三丰'), phone: world.sealed('phone', '+8613800138000') }, remark: world.sealed('text', '请发顺丰') };
      }),
      list: noted('List', () => ({ orders: [], nextToken: '' })),
      hold: noted('Hold', ({ orderId }: { orderId: string }) => {
        if (orderId === 'shipped') throw new Refused('ALREADY_SHIPPED', 'the parcel has left already');
        return { orderId, state: 'AUDITING' };
      }),
      approve: noted('Approve', () => new Promise(() => undefined)),
      export: async function* (_: unknown, call: { signal: AbortSignal }) {
        for (; exported < 2_000 && !call.signal.aborted; exported += 1) yield { data: Buffer.alloc(64 * 1024, 'order\n') };
      } as never,
    });
    const changes = servePart(ops.Changes, {
      watch: async function* (_: unknown, call: { signal: AbortSignal }) {
        const queue: ops.ChangeBatch[] = [{ changes: [], position: 1, missed: false }];
        let wake = (): void => undefined;
        tell = (batch) => {
          queue.push(batch);
          wake();
        };
        while (!call.signal.aborted) {
          yield* queue.splice(0);
          await new Promise<void>((resolve) => {
            wake = resolve;
            call.signal.addEventListener('abort', () => resolve());
          });
        }
      } as never,
    });
    world = await startTestConsole([
      orders,
      changes,
      servePart(order.Views, { list: noted('Views', () => ({ views: [] })) }),
      servePart(ops.Tallies, { get: noted('Tallies', () => ({ counts: { placed: 3 }, position: 9 })) }),
      servePart(carrier.Parcels, { label: noted('Label', ({ format }: { format: string }) => ({ data: Buffer.from(format === 'ZPL' ? '^XA^XZ' : '%PDF-1.7'), contentType: format === 'ZPL' ? 'x-application/zpl' : 'application/pdf' })) }),
      servePart(allocation.Packing, { scan: noted('Scan', ({ parcelId }: { parcelId: string }) => ({ parcelId })) }),
      servePart(settlement.Statements, {
        import: (async (requests: AsyncIterable<{ channel: string; fileName: string; data: Uint8Array }>) => {
          let bytes = 0;
          let channel = '';
          for await (const part of requests) {
            channel ||= part.channel;
            bytes += part.data.length;
            if (channel === 'unknown') throw new Refused('UNKNOWN_CHANNEL', 'no such channel');
          }
          uploaded.push({ channel, bytes });
          return { statementId: 's-1', channel };
        }) as never,
      }),
    ]);
    browsers = Object.fromEntries(await Promise.all([...roles].map(async (role) => [role, await world.signIn(role)] as const)));
  });
  afterAll(() => world?.stop());

  it('OPS-01: asks a service in the person’s name, and answers plain JSON', async () => {
    const answer = await browsers['operator']!(rpc('flotilla.order.v1.Orders/Get'), { method: 'POST', body: { orderId: 'o-1' } });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await answer.json()).toMatchObject({ orderId: 'o-1', total: { amount: 1999, currency: 'USD' }, lines: [], shipTo: { city: '杭州市', name: '张***', phone: '*** 8000' }, remark: '请发顺丰' });
    expect(seen.at(-1)).toMatchObject({ method: 'Get', caller: 'operator', request: { orderId: 'o-1', atPosition: 0 } });
    expect(seen.at(-1)!.deadline).toBeLessThan(10_001);
    expect(await jsonOf(browsers['viewer']!(rpc('order-core:flotilla.ops.v1.Tallies/Get'), { method: 'POST', body: {} }))).toMatchObject({ counts: { placed: 3 } });
  });

  it('OPS-07: a person in clear is shown to who may see it, asks for it and says why', async () => {
    const ask = (role: string, reason: string, method = 'flotilla.order.v1.Orders/Get') => browsers[role]!('/api/reveal', { method: 'POST', body: { method, request: { orderId: 'o-1' }, reason } });
    expect(await jsonOf(ask('operator', 'the courier called'))).toMatchObject({ shipTo: { name: '张三丰', phone: '+8613800138000' } });
    expect(await jsonOf(ask('operator', ' '))).toMatchObject({ reason: 'BAD_REQUEST' });
    for (const role of ['viewer', 'finance']) expect([(await ask(role, 'curious')).status, role]).toEqual([403, role]);
    expect(await jsonOf(ask('operator', 'x', 'flotilla.order.v1.Orders/Hold'))).toMatchObject({ reason: 'BAD_REQUEST' });
    expect(await jsonOf(ask('operator', 'x', 'flotilla.ingest.v1.SubjectKeys/Get'))).toMatchObject({ reason: 'ROLE_MISSING' });
  });

  it('OPS-04: a refusal keeps its code, reason, field and metadata; what is ours says nothing of itself', async () => {
    const ask = (name: string, body: unknown) => browsers['operator']!(rpc(`flotilla.order.v1.Orders/${name}`), { method: 'POST', body });
    const shipped = await ask('Hold', { orderId: 'shipped', requestId: 'r-1' });
    expect(shipped.status).toBe(409);
    expect(await shipped.json()).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'ALREADY_SHIPPED', message: 'the parcel has left already', violations: [], metadata: {}, requestId: expect.any(String) });
    const gone = await ask('Get', { orderId: 'gone' });
    expect([gone.status, await gone.json()]).toMatchObject([404, { code: 'NOT_FOUND', violations: [{ field: 'orderId', description: 'no such order' }] }]);
    const broken = await ask('Get', { orderId: 'broken' });
    const text = await broken.text();
    expect([broken.status, text.includes('hunter2'), text.includes('postgres')]).toEqual([500, false, false]);
    const wrong = await ask('Get', { orderId: 7 });
    expect([wrong.status, await wrong.json()]).toMatchObject([400, { reason: 'CONTRACT_VIOLATED' }]);
    expect(await jsonOf(browsers['operator']!(rpc('flotilla.order.v1.Views/List'), { method: 'POST', body: '[1]' }))).toMatchObject({ reason: 'BAD_REQUEST' });
    expect(await jsonOf(browsers['operator']!(rpc('flotilla.order.v1.Views/List'), { method: 'POST', body: '{' }))).toMatchObject({ reason: 'BAD_JSON' });
    // A service that serves nothing of the kind.
    expect((await browsers['operator']!(rpc('flotilla.order.v1.Figures/Get'), { method: 'POST', body: {} })).status).toBe(500);
  });

  it('OPS-07: every role may ask what the table says, over the wire, and is refused the rest before any service hears of it', async () => {
    const before = seen.length;
    for (const role of roles) {
      const forbidden = [...methods.values()].filter((method) => !may({ roles: [role] }, method));
      const answers = await Promise.all(forbidden.map(({ name }) => browsers[role]!(rpc(name), { method: 'POST', body: {} })));
      expect(answers.filter(({ status }) => status !== 403)).toEqual([]);
    }
    expect(seen).toHaveLength(before);
    const view = await jsonOf(browsers['warehouse']!('/api/session'));
    expect(view).toMatchObject({ user: 'warehouse', roles: ['warehouse'], sees: { personalData: true } });
    expect((view['methods'] as string[]).toSorted()).toEqual([...methods.values()].filter((method) => may({ roles: ['warehouse'] }, method)).map(({ name }) => name).toSorted());
  });

  it('OPS-07: what is there and may not be asked cannot be told from what is not there', async () => {
    const ask = async (name: string) => {
      const { reason, code, status } = await jsonOf(browsers['viewer']!(rpc(name), { method: 'POST', body: {} }));
      return { reason, code, status };
    };
    const known = await ask('flotilla.order.v1.Orders/Approve');
    expect(known).toEqual({ reason: 'ROLE_MISSING', code: 'PERMISSION_DENIED', status: 403 });
    for (const name of ['flotilla.order.v1.Orders/Nuke', 'flotilla.ingest.v1.SubjectKeys/Get', 'flotilla.ops.v1.Tallies/Get', 'grpc.health.v1.Health/Check', '__proto__/constructor', 'flotilla.order.v1.Orders/approve']) expect(await ask(name)).toEqual(known);
  });

  it('OPS-07: a change needs a page of ours: the header, the origin, and a session', async () => {
    const body = { orderId: 'o-1', requestId: 'r-2' };
    const before = seen.length;
    const path = rpc('flotilla.order.v1.Orders/Hold');
    const { operator } = browsers as { operator: Browser };
    for (const headers of [{ origin: 'https://evil.example' }, { 'x-flotilla-console': '' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: `${world.url}.evil.example` }] as Record<string, string>[]) {
      expect([headers, (await operator(path, { method: 'POST', body, headers })).status]).toEqual([headers, 403]);
    }
    // A form of a foreign page: it names no origin of ours and cannot set a header.
    expect((await fetch(`${world.url}${path}`, { method: 'POST', body: new URLSearchParams({ orderId: 'o-1' }) })).status).toBe(403);
    expect((await fetch(`${world.url}/api/session`, { method: 'POST', body: JSON.stringify({ user: 'admin', password }) })).status).toBe(403);
    expect((await fetch(`${world.url}/api/session`, { method: 'DELETE' })).status).toBe(403);
    // Nobody.
    expect((await fetch(`${world.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { origin: world.url, 'x-flotilla-console': '1' } })).status).toBe(401);
    expect(seen).toHaveLength(before);
    expect((await operator(path, { method: 'POST', body })).status).toBe(200);
    expect(seen.at(-1)).toMatchObject({ method: 'Hold', caller: 'operator', request: { requestId: 'r-2' } });
  });

  /** As it stands, without what a client would make of it. */
  const raw = (path: string, { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {}): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const url = new URL(world.url);
      const asked = plainRequest({ host: url.hostname, port: url.port, path, method, headers }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part)).on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      asked.on('error', reject).end(body);
    });

  it('OPS-07: no writing of a path passes the guard, nor leaves the folder of the app', async () => {
    const before = seen.length;
    const ours = { origin: world.url, 'x-flotilla-console': '1', 'content-type': 'application/json' };
    for (const path of ['/%61pi/rpc/flotilla.order.v1.Orders/List', '/api%2Frpc/flotilla.order.v1.Orders/List', '//api/rpc/flotilla.order.v1.Orders/List', '/x/../api/rpc/flotilla.order.v1.Orders/List', '/API/rpc/flotilla.order.v1.Orders/List', '/api/print/../rpc/flotilla.order.v1.Orders/List', '/api/session/../rpc/flotilla.order.v1.Orders/List', '/api/session%2F..%2Frpc/flotilla.order.v1.Orders/List']) {
      const { status } = await raw(path, { method: 'POST', headers: ours, body: '{}' });
      expect([path, status >= 400 && status < 500]).toEqual([path, true]);
    }
    expect(seen).toHaveLength(before);
    for (const path of ['/../../../package.json', '/..%2f..%2f..%2fpackage.json', '/assets/..%2f..%2f..%2f..%2fpackage.json', '/assets/%2e%2e/%2e%2e/package.json', '/%2e%2e%2f%2e%2e%2fpackage.json', '/.env', '/assets/%00', '/assets/nothing.js', '/etc/passwd']) {
      const { status, text } = await raw(path);
      expect([path, status, text.includes('devDependencies') || text.includes('root:')]).toEqual([path, expect.any(Number), false]);
      if (status === 200) expect([path, text.includes('<div id="root">')]).toEqual([path, true]);
    }
    expect((await raw('/api/nothing')).status).toBe(404);
    expect((await raw('/api')).status).toBe(404);
    expect((await raw('/%', {})).status).toBe(400);
  });

  it('OPS-07: what a person writes does not become a header of a call', async () => {
    const answer = await browsers['viewer']!(rpc('flotilla.order.v1.Orders/List'), { method: 'POST', body: {}, headers: { 'x-caller': 'admin', 'x-correlation': 'theirs', authorization: 'Bearer theirs' } });
    expect(answer.status).toBe(200);
    expect(seen.at(-1)).toMatchObject({ method: 'List', caller: 'viewer' });
  });

  it('OPS-07: the cookie is kept from scripts and other sites, and gone after signing out', async () => {
    const answer = await fetch(`${world.url}/api/session`, { method: 'POST', headers: { origin: world.url, 'x-flotilla-console': '1' }, body: JSON.stringify({ user: 'viewer', password }) });
    const [cookie] = answer.headers.getSetCookie();
    expect([answer.status, cookie]).toEqual([204, expect.stringMatching(/^flotilla=.*; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/)]);
    const value = cookie!.split(';')[0]!;
    const get = () => fetch(`${world.url}/api/session`, { headers: { cookie: value } });
    expect((await get()).status).toBe(200);
    const out = await fetch(`${world.url}/api/session`, { method: 'DELETE', headers: { cookie: value, origin: world.url, 'x-flotilla-console': '1' } });
    expect([out.status, out.headers.getSetCookie()[0]]).toEqual([204, expect.stringMatching(/^flotilla=;/)]);
    const after = await get();
    expect([after.status, await after.json()]).toMatchObject([401, { reason: 'UNAUTHENTICATED', metadata: { oidc: 'false' } }]);
    const tampered = `${value.slice(0, -4)}AAAA`;
    expect((await fetch(`${world.url}/api/session`, { headers: { cookie: tampered } })).status).toBe(401);
  });

  it('OPS-07: a wrong password and an unknown user are answered alike', async () => {
    const ask = async (user: string) => {
      const answer = await fetch(`${world.url}/api/session`, { method: 'POST', headers: { origin: world.url, 'x-flotilla-console': '1' }, body: JSON.stringify({ user, password: 'not this one' }) });
      return [answer.status, { ...(await jsonOf(answer)), requestId: 'each its own' }, answer.headers.getSetCookie()];
    };
    const wrong = await ask('finance');
    expect(wrong).toMatchObject([401, { reason: 'WRONG_SIGN_IN' }, []]);
    expect(await ask('nobody-of-this-name')).toEqual(wrong);
  });

  it('OPS-06: what is too large or no JSON ends at the door', async () => {
    const { admin } = browsers as { admin: Browser };
    const large = await admin(rpc('flotilla.order.v1.Orders/List'), { method: 'POST', body: `{"x":"${'y'.repeat(1024 * 1024)}"}` });
    expect([large.status, await large.json()]).toMatchObject([413, { reason: 'TOO_LARGE' }]);
    const deep = await admin(rpc('flotilla.order.v1.Orders/List'), { method: 'POST', body: `{"filter":${'{"anyOf":['.repeat(50_000)}${']}'.repeat(50_000)}}` });
    expect(deep.status).toBe(400);
    expect((await admin('/api/files/flotilla.settlement.v1.Statements/Import', { method: 'POST', body: 'x', headers: { 'content-length': String(65 * 1024 * 1024) } }).catch(() => ({ status: 413 }))).status).toBe(413);
    expect((await admin('/api/session')).status).toBe(200);
  });

  it('OPS-01: the page comes with a policy that runs no script but ours, and knows its own paths', async () => {
    const answer = await fetch(`${world.url}/orders/o-1?q=x`);
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([200, expect.stringContaining('text/html'), 'public, max-age=0']);
    const policy = answer.headers.get('content-security-policy')!;
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/);
    expect(Object.fromEntries(answer.headers)).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin', 'referrer-policy': 'same-origin' });
    const page = await answer.text();
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=/);
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)![1]!;
    const file = await fetch(`${world.url}${script}`, { headers: { 'accept-encoding': 'br' } });
    expect([file.status, file.headers.get('cache-control'), file.headers.get('content-encoding')]).toEqual([200, 'public, max-age=31536000, immutable', 'br']);
    expect((await fetch(`${world.url}/assets/other.js`)).status).toBe(404);
  });

  it('OPS-01: a label is a file, named and typed, that runs nothing', async () => {
    const get = (format: string, role = 'warehouse') => browsers[role]!(`/api/files/flotilla.carrier.v1.Parcels/Label?request=${encodeURIComponent(JSON.stringify({ parcelId: 'p-1', format }))}`);
    const pdf = await get('PDF');
    expect([pdf.status, pdf.headers.get('content-type'), pdf.headers.get('content-disposition'), await pdf.text()]).toEqual([200, 'application/pdf', expect.stringContaining('inline; filename="label.pdf"'), '%PDF-1.7']);
    expect(pdf.headers.get('content-security-policy')).toContain('sandbox');
    const zpl = await get('ZPL');
    expect([zpl.headers.get('content-disposition'), await zpl.text()]).toEqual([expect.stringContaining('attachment; filename="label.zpl"'), '^XA^XZ']);
    expect((await get('PDF', 'viewer')).status).toBe(403);
    expect((await browsers['admin']!('/api/files/flotilla.order.v1.Orders/Get?request=%7B%7D')).status).toBe(400);
    expect((await browsers['admin']!('/api/files/flotilla.carrier.v1.Parcels/Label?request=x')).status).toBe(400);
  });

  it('OPS-06: an export is streamed: whoever reads slowly is waited for, and whoever goes ends it', async () => {
    exported = 0;
    const url = new URL(world.url);
    const cookie = (await fetch(`${world.url}/api/session`, { method: 'POST', headers: { origin: world.url, 'x-flotilla-console': '1' }, body: JSON.stringify({ user: 'viewer', password }) })).headers.getSetCookie()[0]!.split(';')[0]!;
    await new Promise<void>((resolve, reject) => {
      const asked = plainRequest({ host: url.hostname, port: url.port, path: '/api/files/flotilla.order.v1.Orders/Export', headers: { cookie } }, (answer) => {
        expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
        answer.once('data', () => {
          answer.pause();
          let before = -1;
          const still = setInterval(() => {
            if (exported !== before) return void (before = exported);
            clearInterval(still);
            // 2,000 parts of 64 KiB are 125 MiB; what is on the way is a few.
            expect(exported).toBeLessThan(1_000);
            asked.destroy();
            resolve();
          }, 300);
        });
      });
      asked.on('error', (error) => (asked.destroyed ? undefined : reject(error))).end();
    });
    const at = exported;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(exported - at).toBeLessThan(20);
  });

  it('OPS-01: a file is taken as it comes, and its refusal is told', async () => {
    const bytes = randomBytes(3 * 1024 * 1024);
    const send = (channel: string, role = 'finance') =>
      browsers[role]!(`/api/files/flotilla.settlement.v1.Statements/Import?meta=${encodeURIComponent(JSON.stringify({ channel, fileName: 'a.csv' }))}`, { method: 'POST', body: bytes, headers: { 'content-type': 'application/octet-stream' } });
    const answer = await send('shopify-demo');
    expect([answer.status, await answer.json()]).toMatchObject([200, { statementId: 's-1', channel: 'shopify-demo' }]);
    expect(uploaded).toEqual([{ channel: 'shopify-demo', bytes: bytes.length }]);
    const refused = await send('unknown');
    expect([refused.status, await refused.json()]).toMatchObject([404, { reason: 'UNKNOWN_CHANNEL' }]);
    expect((await send('shopify-demo', 'operator')).status).toBe(403);
    expect((await browsers['finance']!('/api/files/flotilla.settlement.v1.Statements/Import?meta=x', { method: 'POST', body: bytes })).status).toBe(400);
    expect(uploaded).toHaveLength(1);
  });

  it('OPS-01: what is written is pushed to the page, which goes on where it was cut off', async () => {
    const read = async (headers: Record<string, string> = {}) => {
      const answer = await browsers['viewer']!('/api/events', { headers });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
      let text = '';
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      void (async () => {
        for (let part = await reader.read().catch(() => ({ done: true, value: '' })); !part.done; part = await reader.read().catch(() => ({ done: true, value: '' }))) text += part.value;
      })();
      return { text: () => text, close: () => reader.cancel() };
    };
    const page = await read();
    await eventually(() => expect(page.text()).toContain('event: hello'));
    await eventually(() => tell !== undefined);
    tell!({ changes: [{ stream: 'order-1', category: 'order', id: '1', types: ['OrderHeld'], position: 2 }], position: 2, missed: false });
    await eventually(() => expect(page.text()).toContain('"stream":"order-1"'));
    await page.close();
    const last = /id: (\S+)\nevent: change/.exec(page.text())![1]!;
    tell!({ changes: [{ stream: 'order-2', category: 'order', id: '2', types: ['OrderHeld'], position: 3 }], position: 3, missed: false });
    const back = await eventually(async () => {
      const again = await read({ 'last-event-id': last });
      await eventually(() => expect(again.text()).toContain('"stream":"order-2"'), { timeoutMs: 1_000 });
      return again;
    });
    expect(back.text()).not.toContain('event: hello');
    await back.close();
    expect((await fetch(`${world.url}/api/events`)).status).toBe(401);
  });

  it('OPS-06: who asks without end is told to wait', async () => {
    const { finance } = browsers as { finance: Browser };
    let refused: Response | undefined;
    for (let at = 0; at < 6_000 && !refused; at += 50) refused = (await Promise.all(Array.from({ length: 50 }, () => finance('/api/session')))).find(({ status }) => status === 429);
    expect(await refused?.json()).toMatchObject({ reason: 'OVERLOADED' });
    expect((await browsers['operator']!('/api/session')).status).toBe(200);
  });
});
