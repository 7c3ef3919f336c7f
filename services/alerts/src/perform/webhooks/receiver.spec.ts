import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@flotilla/testing';
import { signedHeaders } from '../channels/standard-webhook.js';
import { createSecrets } from './secrets.js';

const [secret, old, stranger] = [1, 2, 3].map((n) => createSecrets(Buffer.alloc(32, n).toString('base64')).make());

describe('the receiver of the README', () => {
  let receiver: ChildProcess;
  let url = '';
  let said = '';
  const post = async (secrets: readonly string[], id: string, at = new Date()): Promise<number> => {
    const body = JSON.stringify({ type: 'flotilla.order.v1.OrderPaid', timestamp: at.toISOString(), data: { orderId: id } });
    return (await fetch(url, { method: 'POST', body, headers: signedHeaders(secrets, id, at, body) })).status;
  };

  beforeAll(async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    url = `http://127.0.0.1:${port}`;
    const [, code] = /```js\n(.*?)```/s.exec(readFileSync(new URL('README.md', import.meta.url), 'utf8'))!;
    receiver = spawn(process.execPath, ['--input-type=module', '--eval', code!], { cwd: join(import.meta.dirname, '../../..'), env: { PORT: String(port), SECRET: secret! }, stdio: ['ignore', 'pipe', 'inherit'] });
    receiver.stdout!.on('data', (text: Buffer) => (said += text.toString()));
    await eventually(() => fetch(url, { method: 'POST' }), { timeoutMs: 20_000 });
  }, 30_000);
  afterAll(() => void receiver?.kill());

  it('OPS-09: takes each event once, also while two secrets sign, and refuses what a stranger says or what is old', async () => {
    expect([await post([secret!], 'o-1'), await post([secret!], 'o-1'), await post([secret!, old!], 'o-2'), await post([old!, secret!], 'o-3')]).toEqual([204, 204, 204, 204]);
    expect([await post([stranger!], 'o-4'), await post([], 'o-5'), await post([secret!], 'o-6', new Date(Date.now() - 3_600_000))]).toEqual([401, 401, 401]);
    await eventually(async () => expect(said.trim().split('\n')).toEqual(['o-1', 'o-2', 'o-3'].map((id) => `flotilla.order.v1.OrderPaid ${id}`)));
  });
});

describe('the secrets of webhooks', () => {
  it('OPS-09: open under the key that sealed them, for the webhook that they are of, and under no other', () => {
    const [ours, theirs] = [createSecrets(Buffer.alloc(32, 1).toString('base64')), createSecrets(Buffer.alloc(32, 2).toString('base64'))];
    const sealed = ours.seal('w-1', secret!);
    expect(sealed).not.toContain(secret!.slice(6));
    expect(ours.open(sealed)).toBe(secret);
    expect(() => theirs.open(sealed)).toThrow('not of this key');
    expect(() => ours.open(sealed.replace('w-1', 'w-2'))).toThrow('not of this key');
  });
});
