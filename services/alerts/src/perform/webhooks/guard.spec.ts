import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGuard, faultsOf, networksOf, type Guard } from './guard.js';

const none = networksOf('');

describe('OPS-09: addresses of webhooks', () => {
  it.each(['https://hooks.example.org/flotilla', 'https://8.8.8.8/', 'https://[2606:4700::1111]:8443/x?y=1', 'sftp://books@files.example.org', 'sftp://books@8.8.8.8:2222/in%20box', 'sftp://books@[2606:4700::1111]/in'])('OPS-09: %s may be called', (url) => expect(faultsOf(url, none)).toEqual([]));
  it.each([
    'http://hooks.example.org/', 'ftp://hooks.example.org/', 'hooks.example.org', '', 'https://me:secret@hooks.example.org/', 'https://127.0.0.1/', 'https://127.1/', 'https://2130706433/', 'https://0x7f000001/', 'https://0177.0.0.1/', 'https://0.0.0.0/', 'https://10.0.0.8/', 'https://172.16.0.1/', 'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data', 'https://100.64.0.1/', 'https://[::1]/', 'https://[::]/', 'https://[::ffff:127.0.0.1]/', 'https://[::ffff:a00:1]/', 'https://[64:ff9b::7f00:1]/', 'https://[2002:7f00:1::]/', 'https://[fd00::1]/', 'https://[fe80::1]/', 'https://224.0.0.1/', 'https://255.255.255.255/', 'https://198.18.0.1/',
    'sftp://files.example.org/in', 'sftp://books:secret@files.example.org/in', 'sftp://books@/in', 'sftp://books@10.0.0.8/in', 'sftp://books@127.0.0.1/in', 'sftp://books@[::1]/in', 'sftp://books@[::ffff:10.0.0.1]/in', 'sftp://books@169.254.169.254/', 'sftp://books@files.example.org/in?x=1', 'sftp://books@files.example.org/in#x',
    'sftp://books@files.example.org/in%00', 'sftp://books@files.example.org/in%zz', 'sftp://books@files.example.org:0x16/in',
  ])('OPS-09: %s may not', (url) => expect(faultsOf(url, none)).not.toEqual([]));
  it('OPS-09: networks of our own may, by http as well, and no others with them', () => {
    const own = networksOf('127.0.0.1/32, fd00:1::/64');
    expect(['http://127.0.0.1:9000/x', 'https://127.0.0.1/', 'http://[fd00:1::5]/'].flatMap((url) => faultsOf(url, own))).toEqual([]);
    expect(['http://127.0.0.2/', 'https://10.0.0.1/', 'http://8.8.8.8/', 'https://[fd00:2::5]/'].map((url) => faultsOf(url, own).length)).toEqual([1, 1, 1, 1]);
    for (const text of ['10.0.0.0', '10.0.0.0/33', 'localhost/8', 'x']) expect(() => networksOf(text)).toThrow();
  });
});

describe('OPS-09: connections of webhooks', () => {
  let server: Server;
  let asked = 0;
  let port = 0;
  const guards: Guard[] = [];
  const post = (text: string, networks: string): Promise<number> => {
    const guard = createGuard(networksOf(networks));
    guards.push(guard);
    return fetch(text, { method: 'POST', dispatcher: guard.dispatcherOf(text) } as RequestInit).then(({ status }) => status);
  };
  beforeAll(async () => {
    server = createServer((_, response) => {
      asked += 1;
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(async () => {
    await Promise.all(guards.map((guard) => guard.close()));
    server.close();
  });

  it('OPS-09: a name that leads into the house is not followed, whatever it was when it was put', async () => {
    // A name of ours that resolves to loopback, as any name of a stranger's may from one moment to the next.
    const said = (error: Error): string => String(error.cause);
    expect(await post(`https://localhost:${port}/`, '').catch(said)).toContain('not reached from the internet');
    expect(await post(`http://localhost:${port}/`, '10.0.0.0/8').catch(said)).toContain('not reached from the internet');
    expect(asked).toBe(0);
  });
  it('OPS-09: networks of our own are reached, by name and by number', async () => {
    expect(await post(`http://localhost:${port}/`, '127.0.0.0/8')).toBe(204);
    expect(await post(`http://127.0.0.1:${port}/`, '127.0.0.0/8')).toBe(204);
    expect(asked).toBe(2);
  });
  it('OPS-09: the host of a folder is an address that may be reached, or none, however it is written', async () => {
    const addressOf = (host: string, networks: string): Promise<unknown> => {
      const guard = createGuard(networksOf(networks));
      guards.push(guard);
      return guard.addressOf(host).catch((error: { readonly code: string }) => error.code);
    };
    for (const host of ['localhost', '127.0.0.1', '127.1', '2130706433', '::1', '10.0.0.8']) expect([host, await addressOf(host, '')]).toEqual([host, 'EBLOCKED']);
    expect(await addressOf('localhost', '127.0.0.0/8')).toBe('127.0.0.1');
    expect([await addressOf('127.0.0.1', '127.0.0.0/8'), await addressOf('8.8.8.8', ''), await addressOf('2606:4700::1111', '')]).toEqual(['127.0.0.1', '8.8.8.8', '2606:4700::1111']);
    expect(await addressOf('nowhere.invalid', '')).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });
  it('OPS-09: an address that was allowed once, and is not any more, is not called', () => {
    expect(() => createGuard(none).dispatcherOf(`http://127.0.0.1:${port}/`)).toThrow('not allowed');
  });
});
