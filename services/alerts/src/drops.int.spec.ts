import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { alerts as api, topics } from '@flotilla/contracts';
import { eventually } from '@flotilla/testing';
import { startSftpServer, type SftpOptions, type SftpServer, type WriteFault } from '../../../deploy/sandbox/src/sftp/server.js';
import { golden, HookWorld, now, SLOW } from '../spec/hook-world.js';
import { fact } from '../spec/world.js';

interface Line {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: { readonly orderId: string };
}

describe('files in folders of other systems, by the service as it is built, on real Postgres, Kafka and SFTP', () => {
  const world = new HookWorld();
  let options: SftpOptions;
  let server: SftpServer;
  let onRename: () => 'before' | 'after' | undefined;
  let onWrite: (path: string) => WriteFault;

  const say = (name: string, orderId: string): Promise<void> => world.say(name, orderId, { ...golden(`flotilla.order.v1.${name}`), orderId });
  const request = (change: Partial<api.CreateWebhookRequest> = {}): api.CreateWebhookRequest =>
    ({ requestId: randomUUID(), url: `sftp://books@localhost:${server.port}/in`, description: 'books', types: ['flotilla.order.v1.*'], channels: [], hostKey: server.hostKey, everySeconds: 1, secret: options.password, ...change });
  const subscribe = async (change: Partial<api.CreateWebhookRequest> = {}): Promise<string> => (await world.hooks.create(request(change))).webhook.webhookId;
  const files = (): readonly { path: string; text: string }[] => server.list().filter(({ path }) => path.endsWith('.ndjson')).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const lines = (): readonly Line[] => files().flatMap(({ text }) => text.trimEnd().split('\n').map((line) => JSON.parse(line) as Line));
  const orders = (): readonly string[] => lines().map(({ data }) => data.orderId);
  /** Its first file was tried so often, and this came of it. */
  const became = (webhookId: string, want: Partial<api.WebhookDelivery>, detail = /^/): Promise<unknown> => eventually(async () => expect((await world.deliveries(webhookId)).at(-1)).toMatchObject({ ...want, detail: expect.stringMatching(detail) }), SLOW);

  beforeAll(async () => {
    await world.open();
  }, 90_000);
  beforeEach(async () => {
    onRename = onWrite = () => undefined;
    options = { user: 'books', password: `pass-${randomUUID()}`, folders: ['/in', '/in/done'], cut: () => onRename(), write: (path) => onWrite(path) };
    server = await startSftpServer(options);
  });
  afterEach(() => server.close());
  afterAll(async () => {
    await world.close();
  }, 60_000);

  it('OPS-09: events lie in files, in their order, each once, whole, with a checksum, and nothing in them is personal', async () => {
    const books = await subscribe();
    const only = await subscribe({ url: `sftp://books@localhost:${server.port}/in/done`, types: ['flotilla.order.v1.OrderPaid'] });
    const ids = Array.from({ length: 20 }, () => randomUUID());
    for (const orderId of ids) await say('OrderPlaced', orderId);
    for (const orderId of ids) await say('OrderPaid', orderId);
    await eventually(() => expect(lines()).toHaveLength(60), SLOW);
    const all = files().filter(({ path }) => !path.includes('/done/'));
    const said = all.flatMap(({ text }) => text.trimEnd().split('\n').map((line) => JSON.parse(line) as Line));
    expect(new Set(said.map(({ id }) => id)).size).toBe(40);
    for (const orderId of ids) expect(said.filter(({ data }) => data.orderId === orderId).map(({ type }) => type.split('.').at(-1))).toEqual(['OrderPlaced', 'OrderPaid']);
    expect(said[0]).toEqual({ id: expect.any(String), type: 'flotilla.order.v1.OrderPlaced', timestamp: now, data: expect.objectContaining({ channel: 'shopify-demo' }) });
    expect(all.map(({ text }) => text).join('')).not.toContain('sealed.v1');
    for (const { path, text } of all) {
      expect(path).toMatch(new RegExp(`^/in/flotilla-\\d{16}-${text.trimEnd().split('\n').length}\\.ndjson$`));
      expect(server.list().find((one) => one.path === `${path}.sha256`)!.text).toBe(`${createHash('sha256').update(text).digest('hex')}  ${path.slice('/in/'.length)}\n`);
    }
    expect(server.list().some(({ path }) => path.endsWith('.part'))).toBe(false);
    await eventually(async () => expect((await world.deliveries(books)).toReversed().map(({ type, key, state, attempts }) => [type, key, state, attempts])).toEqual(all.map(({ path }) => ['file', path.slice('/in/'.length), 'DELIVERED', 1])), SLOW);
    expect(files().filter(({ path }) => path.includes('/done/')).flatMap(({ text }) => text.trimEnd().split('\n').map((line) => (JSON.parse(line) as Line).type))).toEqual(ids.map(() => 'flotilla.order.v1.OrderPaid'));
    await Promise.all([world.end(books), world.end(only)]);
  }, 120_000);

  it('OPS-09: a thousand events are a file at once, however long others are waited for', async () => {
    const books = await subscribe({ everySeconds: 86_400, types: ['flotilla.order.v1.OrderPaid'] });
    const ids = Array.from({ length: 1_010 }, () => randomUUID());
    await world.bus.publish(ids.map((orderId) => fact(topics.order, 'flotilla.order.v1.OrderPaid', orderId, { ...golden('flotilla.order.v1.OrderPaid'), orderId }, { time: now })));
    await eventually(() => expect(files().map(({ path }) => path)).toEqual([expect.stringMatching(/-1000\.ndjson$/)]), SLOW);
    expect(new Set(orders()).size).toBe(1_000);
    await world.end(books);
  }, 90_000);

  it.each(['before', 'after'] as const)('OPS-09: cut off %s the rename, the same file lies there once, under its name, and the next one behind it', async (when) => {
    const books = await subscribe();
    const [first, second] = [randomUUID(), randomUUID()];
    let renames = 0;
    onRename = () => ((renames += 1) === 1 ? when : undefined);
    await say('OrderPaid', first);
    await became(books, { state: 'PENDING', attempts: 1 }, /^(?:CUT|ECONNRESET)$/);
    expect(orders()).toEqual(when === 'after' ? [first] : []);
    await say('OrderPaid', second);
    await eventually(() => expect(orders()).toEqual([first, second]), SLOW);
    await became(books, { state: 'DELIVERED', attempts: 2, key: files()[0]!.path.slice('/in/'.length) });
    expect(await world.hooks.get({ webhookId: books })).toMatchObject({ state: 'ACTIVE', failingSince: '' });
    await world.end(books);
  }, 90_000);

  it('OPS-09: killed -9 between the upload and its answer, whoever comes after leaves one file; delivered again it has the same name and bytes', async () => {
    const books = await subscribe();
    const orderId = randomUUID();
    const gone = once(world.service, 'exit');
    onRename = () => {
      world.service.kill('SIGKILL');
      onRename = () => undefined;
      return undefined;
    };
    await say('OrderPaid', orderId);
    await gone;
    await world.start();
    await became(books, { state: 'DELIVERED', attempts: 2 });
    expect(orders()).toEqual([orderId]);
    const [file] = files();
    server.move(file!.path, '/in/read');
    const [delivery] = await world.deliveries(books);
    expect(await world.hooks.redeliver({ requestId: randomUUID(), deliveryId: delivery!.deliveryId })).toMatchObject({ type: 'file', state: 'PENDING' });
    await eventually(() => expect(files()).toEqual([file]), SLOW);
    // It lies there: nothing is written over it.
    let writes = 0;
    onWrite = () => void (writes += 1) as undefined;
    await became(books, { state: 'DELIVERED' });
    await world.hooks.redeliver({ requestId: randomUUID(), deliveryId: delivery!.deliveryId });
    await became(books, { state: 'DELIVERED', attempts: 1 });
    expect([files(), writes]).toEqual([[file], 0]);
    await world.end(books);
  }, 180_000);

  it('OPS-09: cut in the middle of its bytes, nobody sees half of it', async () => {
    const books = await subscribe();
    const orderId = randomUUID();
    let parts = 0;
    onWrite = (path) => (path.endsWith('.part') && (parts += 1) === 1 ? 'cut' : undefined);
    await say('OrderPaid', orderId);
    await became(books, { attempts: 1 }, /^(?:CUT|ECONNRESET)$/);
    expect(files()).toEqual([]);
    await became(books, { state: 'DELIVERED', attempts: 2 });
    expect(orders()).toEqual([orderId]);
    await world.end(books);
  }, 90_000);

  it('OPS-09: a folder without room, and one that has another file of that name, get nothing until a person has looked: it is disabled, with an incident', async () => {
    const books = await subscribe();
    const orderId = randomUUID();
    onWrite = (path) => (path.endsWith('.part') ? 'full' : undefined);
    await say('OrderPaid', orderId);
    await became(books, { state: 'PENDING', attempts: 1 }, /^NOT_WHOLE$/);
    const [{ key, deliveryId }] = (await world.deliveries(books)) as [api.WebhookDelivery];
    onWrite = () => undefined;
    server.put(`/in/${key}`, 'theirs');
    await became(books, { state: 'PENDING', attempts: 2 }, /^OTHER_BYTES$/);
    await eventually(async () => expect(await world.hooks.get({ webhookId: books })).toMatchObject({ state: 'DISABLED', disabledWhy: 'FAILING' }), SLOW);
    await eventually(async () => expect((await world.incidents.list({ page: { size: 100, token: '' }, state: 'OPEN' })).incidents.filter(({ rule, subjectId }) => rule === 'webhook-disabled' && subjectId === books)).toMatchObject([{ detail: expect.stringMatching(/^localhost:\d+ has taken nothing/) }]), SLOW);
    expect(files()).toEqual([{ path: `/in/${key}`, text: 'theirs' }]);
    // It waits still: asked for again it is not there twice.
    expect(await world.hooks.redeliver({ requestId: randomUUID(), deliveryId })).toMatchObject({ deliveryId });
    await world.end(books);
  }, 90_000);

  it.each<[string, () => Partial<api.CreateWebhookRequest>, RegExp]>([
    ['another server than was said', () => ({ hostKey: `SHA256:${'A'.repeat(43)}` }), /^HOST_KEY$/],
    ['a password that is not theirs', () => ({ secret: 'another' }), /^LOGIN$/],
    ['a folder that is not there', () => ({ url: `sftp://books@localhost:${server.port}/nowhere` }), /^NO_FOLDER$/],
    ['a host that is not there', () => ({ url: 'sftp://books@nowhere.invalid/in' }), /^(?:ENOTFOUND|EAI_AGAIN)$/],
    ['a port where nobody is', () => ({ url: 'sftp://books@127.0.0.1:1/in' }), /^ECONNREFUSED$/],
  ])('OPS-09: %s is seen in the list, and is tried again', async (_, change, detail) => {
    const books = await subscribe(change());
    await say('OrderPaid', randomUUID());
    await became(books, { state: 'PENDING', attempts: 1 }, detail);
    await eventually(async () => expect((await world.hooks.get({ webhookId: books })).failingSince).not.toBe(''), SLOW);
    expect(server.list()).toEqual([]);
    await world.end(books);
  }, 90_000);

  it('OPS-09: another secret may come before the server knows it, or after; none of them is shown, or kept in clear', async () => {
    const [first, second] = [options.password, `pass-${randomUUID()}`];
    const asked = request();
    const created = await world.hooks.create(asked);
    const { webhookId } = created.webhook;
    expect([created.secret, (await world.hooks.create(asked)).secret]).toEqual(['', '']);
    expect(created.webhook).toMatchObject({ url: asked.url, hostKey: server.hostKey, everySeconds: 1, state: 'ACTIVE' });
    const rotated = await world.hooks.rotateSecret({ requestId: randomUUID(), webhookId, keepHours: 24, secret: second });
    expect(rotated).toMatchObject({ secret: '', webhook: { oldSecretUntil: expect.stringMatching(/Z$/) } });
    const [before, after, last] = [randomUUID(), randomUUID(), randomUUID()];
    await say('OrderPaid', before);
    await eventually(() => expect(orders()).toEqual([before]), SLOW);
    options.password = second;
    await say('OrderPaid', after);
    await eventually(() => expect(orders()).toEqual([before, after]), SLOW);
    await world.hooks.rotateSecret({ requestId: randomUUID(), webhookId, keepHours: 0, secret: `pass-${randomUUID()}` });
    await say('OrderPaid', last);
    await eventually(async () => expect((await world.deliveries(webhookId))[0]).toMatchObject({ state: 'PENDING', detail: 'LOGIN' }), SLOW);
    await expect(world.hooks.rotateSecret({ requestId: randomUUID(), webhookId, keepHours: 0, secret: '' })).rejects.toMatchObject({ details: expect.stringContaining('secret') });
    const { rows } = await world.db.pool.query<{ n: string }>('SELECT count(*) AS n FROM es.event WHERE data::text LIKE $1 OR data::text LIKE $2', [`%${first}%`, `%${second}%`]);
    expect(Number(rows[0]!.n)).toBe(0);
    expect(JSON.stringify([await world.hooks.list({}), await world.deliveries(webhookId)])).not.toContain('pass-');
    await world.end(webhookId);
  }, 120_000);

  it.each<[string, Partial<api.CreateWebhookRequest>]>([
    ['an address inside the house', { url: 'sftp://books@10.0.0.1/in' }],
    ['no user', { url: 'sftp://files.example.org/in' }],
    ['a password in its url', { url: 'sftp://books:secret@files.example.org/in' }],
    ['no key of its server', { hostKey: '' }],
    ['no secret', { secret: '' }],
    ['a key with a passphrase', { secret: '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n' }],
    ['files that never end', { everySeconds: 100_000 }],
    ['what is for a folder alone, by HTTP', { url: 'https://files.example.org/in' }],
  ])('OPS-09: is refused with %s', async (_, change) => {
    await expect(subscribe(change)).rejects.toMatchObject({ details: expect.stringMatching(/url|reached|host_key|secret|every_seconds/) });
  });
});
