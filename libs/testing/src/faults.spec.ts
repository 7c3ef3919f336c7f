import { afterEach, describe, expect, it } from '@jest/globals';
import { writeFileSync, mkdtempSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashable, eventually, tcpProxy, type TcpProxy } from './index.js';

describe('eventually', () => {
  it('returns the first result that holds', async () => {
    let n = 0;
    expect(await eventually(() => (n += 1) >= 3 && n, { everyMs: 1 })).toBe(3);
  });

  it('says at the deadline what the last failure was', async () => {
    await expect(eventually(() => expect(1).toBe(2), { timeoutMs: 10, everyMs: 1 })).rejects.toThrow('not within 10 ms');
    await expect(eventually(() => false, { timeoutMs: 5, everyMs: 1 })).rejects.toThrow('stayed false');
  });
});

describe('tcpProxy', () => {
  let proxy: TcpProxy;
  let echo: Server;
  let received = '';
  const start = async (): Promise<void> => {
    received = '';
    echo = createServer((socket) => socket.on('data', (data) => ((received += data.toString()), socket.write(data))).on('error', () => undefined));
    await new Promise<void>((listening) => echo.listen(0, '127.0.0.1', listening));
    proxy = await tcpProxy({ target: { port: (echo.address() as AddressInfo).port } });
  };
  const client = (): { socket: Socket; got: () => string; closed: () => boolean } => {
    let got = '';
    let closed = false;
    const socket = connect(proxy.port, '127.0.0.1').on('data', (data) => (got += data.toString())).on('close', () => (closed = true)).on('error', () => undefined);
    return { socket, got: () => got, closed: () => closed };
  };
  afterEach(async () => {
    await proxy.close();
    echo.close();
  });

  it('loses an answer whose request arrived', async () => {
    await start();
    const one = client();
    one.socket.write('hello');
    await eventually(() => one.got() === 'hello');
    proxy.dropNextResponse();
    one.socket.write('again');
    await eventually(() => one.closed() && received === 'helloagain');
    expect([one.got(), proxy.dropped]).toEqual(['hello', 1]);
  });

  it('cuts, refuses, heals', async () => {
    await start();
    const one = client();
    one.socket.write('a');
    await eventually(() => one.got() === 'a' && proxy.connections === 1);
    proxy.cut();
    await eventually(() => one.closed());
    const two = client();
    await eventually(() => two.closed());
    proxy.heal();
    const three = client();
    three.socket.write('b');
    await eventually(() => three.got() === 'b');
    expect(received).toBe('ab');
    three.socket.destroy();
  });

  it('loses one direction only, and delays in order', async () => {
    await start();
    const one = client();
    proxy.oneWay('down');
    one.socket.write('a');
    await eventually(() => received === 'a');
    proxy.heal();
    proxy.delay(5);
    one.socket.write('b');
    await eventually(() => received === 'ab');
    one.socket.write('c');
    await eventually(() => one.got() === 'bc');
    expect(one.closed()).toBe(false);
    one.socket.destroy();
  });
});

describe('crashable', () => {
  const script = (text: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'crashable-')), 'child.ts');
    writeFileSync(path, text);
    return path;
  };

  it('runs TypeScript, hears its lines, tells it something and kills it', async () => {
    const child = crashable(script(`class A { constructor(readonly n: number) {} }
      console.log('ready ' + new A(1).n); process.stdin.on('data', (d) => console.log('heard ' + d)); setInterval(() => {}, 1000);`));
    expect(await child.line('ready')).toBe('ready 1');
    child.tell('hi');
    expect(await child.line(/^heard/)).toBe('heard hi');
    await child.kill();
    expect(await child.exited).toBe('SIGKILL');
    await expect(child.line('never')).rejects.toThrow('ended (SIGKILL)');
  });

  it('shows why a child died', async () => {
    const child = crashable(script(`throw new Error('of its own');`));
    await expect(child.line('ready')).rejects.toThrow('of its own');
    expect(await child.exited).toBe(1);
  });
});
