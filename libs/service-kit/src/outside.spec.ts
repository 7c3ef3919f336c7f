import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createOutside } from './outside.js';

const KiB = 1024;

describe('the world outside', () => {
  const servers: Server[] = [];
  const answering = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('OPS-06: answers as it is, with a body up to its bound', async () => {
    const url = await answering((_, response) => response.writeHead(201, { 'content-type': 'text/plain', 'x-of': 'theirs' }).end('a'.repeat(KiB)));
    const answer = await createOutside({ maxBytes: KiB }).fetch(url);
    expect([answer.status, answer.ok, answer.headers.get('x-of'), (await answer.text()).length]).toEqual([201, true, 'theirs', KiB]);
    const empty = await createOutside().fetch(await answering((_, response) => response.writeHead(204).end()));
    expect([empty.status, await empty.text()]).toEqual([204, '']);
  });

  it('OPS-06: an answer that is larger is an error that names its sender and the bound, and is read no further', async () => {
    let sent = 0;
    const pour = function* (): Generator<Buffer> {
      for (; sent < 64 * KiB * KiB; sent += 64 * KiB) yield Buffer.alloc(64 * KiB);
    };
    const closed = Promise.withResolvers<void>();
    const url = await answering((_, response) => void Readable.from(pour()).pipe(response.on('close', closed.resolve)));
    const answer = await createOutside({ maxBytes: 100 * KiB }).fetch(url);
    await expect(answer.text()).rejects.toMatchObject({ name: 'AnswerTooLarge', message: `the answer of ${new URL(url).host} has more than ${100 * KiB} bytes` });
    await closed.promise;
    expect(sent).toBeLessThan(64 * KiB * KiB);
  });

  it('OPS-06: the bound is 4 MiB where none is named', async () => {
    const url = await answering((_, response) => response.end(Buffer.alloc(4 * KiB * KiB + 1)));
    await expect((await createOutside().fetch(url)).arrayBuffer()).rejects.toMatchObject({ name: 'AnswerTooLarge' });
  });

  it('OPS-06: a status that there is not is an error that says so, and the connection goes', async () => {
    const closed = Promise.withResolvers<void>();
    const url = await answering((request, response) => {
      request.socket.on('close', closed.resolve);
      request.socket.write('HTTP/1.1 799 Whatever\r\ncontent-length: 1000000\r\n\r\na');
      response.on('error', () => undefined);
    });
    await expect(createOutside().fetch(url)).rejects.toMatchObject({ name: 'NoSuchStatus', message: `${new URL(url).host} answered with status 799, which there is not` });
    await closed.promise;
  });

  it('OPS-06: the deadline holds while the body is read', async () => {
    const url = await answering((_, response) => void response.writeHead(200).write('a'));
    const answer = await createOutside({ timeoutMs: 2_000 }).fetch(url);
    await expect(answer.text()).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
