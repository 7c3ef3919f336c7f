import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';

import { grpcDefinition, presenting, registry } from '@flotilla/contracts';
import grpc from '@grpc/grpc-js';

// With the fleet's API key: who has none does not come this far.
const interceptors = [presenting(() => '')];

const MIB = 1024 * 1024;
const ask = promisify(execFile);

const residentMib = async (pid: number): Promise<number> => Number((await ask('ps', ['-o', 'rss=', '-p', String(pid)])).stdout) / 1024;

/** By how many MiB a process grew at most while this was done to it. */
export const growthOf = async (pid: number, deed: () => Promise<void>): Promise<number> => {
  const before = await residentMib(pid);
  let most = before;
  let over = false;
  const watch = (async () => {
    while (!over) {
      most = Math.max(most, await residentMib(pid));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  try {
    await deed();
  } finally {
    over = true;
    await watch;
  }
  return most - before;
};

/** How something without an end was ended: what was answered to it, and how much of it was taken. */
export interface Ended {
  readonly answer: string;
  readonly mib: number;
}

/** Sends these bytes over a bare connection again and again until the other side ends it, or `mostMib` are sent. */
const pour = (url: string, head: string, part: Buffer, mostMib: number): Promise<Ended> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    let answer = '';
    let sent = 0;
    const socket: Socket = connect(Number(port), hostname, () => {
      socket.write(head);
      more();
    });
    const more = (): void => {
      while (sent < mostMib * MIB && answer === '' && !socket.destroyed) {
        sent += part.length;
        if (!socket.write(part)) return void socket.once('drain', more);
      }
    };
    const end = (): void => {
      clearTimeout(late);
      socket.destroy();
      resolve({ answer, mib: sent / MIB });
    };
    const late = setTimeout(end, 60_000);
    // What follows the first words of an answer is read for a moment, since it may come in parts.
    socket.on('data', (chunk) => {
      if (answer === '') setTimeout(end, 300).unref();
      answer += chunk.toString('latin1');
    });
    socket.on('error', () => undefined).on('close', end);
  });

/** A body without an end, in chunks that are HTTP's. */
export const endlessBody = (url: string, path: string, headers: readonly string[] = []): Promise<Ended> => {
  const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`);
  return pour(url, ['POST ' + path + ' HTTP/1.1', 'host: x', 'transfer-encoding: chunked', ...headers, '', ''].join('\r\n'), chunk, 200);
};
export const endlessHeaders = (url: string): Promise<Ended> => pour(url, 'GET /livez HTTP/1.1\r\nhost: x\r\n', Buffer.from('a: b\r\n'.repeat(1_000)), 50);
export const endlessAddress = (url: string): Promise<Ended> => pour(url, 'GET /', Buffer.alloc(16 * 1024, 'x'), 50);

/** `count` senders who each send a MiB but for the last byte, and then wait. What those were answered who were answered. */
export const manySlowBodies = async (url: string, path: string, count: number, holdMs: number): Promise<readonly number[]> => {
  const statuses: number[] = [];
  const senders = Array.from({ length: count }, () => {
    const sender = request(`${url}${path}`, { method: 'POST', agent: false, headers: { 'content-length': MIB } }, (answer) => {
      statuses.push(answer.statusCode ?? 0);
      answer.resume();
    });
    sender.on('error', () => undefined);
    sender.write(Buffer.alloc(MIB - 1, 'x'));
    return sender;
  });
  await new Promise((resolve) => setTimeout(resolve, holdMs));
  for (const sender of senders) sender.destroy();
  return statuses;
};

const same = (bytes: Buffer): Buffer => bytes;
const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))]);

/** A message of a method with one field of bytes or text, as large as is said. */
const heavy = (typeName: string, size: number): Buffer | undefined => {
  const field = registry.getMessage(typeName)!.fields.find((one) => one.fieldKind === 'scalar' && [9, 12].includes((one as { readonly scalar: number }).scalar) && (one as { readonly scalar: number }).scalar === 12) ?? registry.getMessage(typeName)!.fields.find((one) => one.fieldKind === 'scalar' && (one as { readonly scalar: number }).scalar === 9);
  return field && Buffer.concat([Buffer.from([...varint(field.number * 8 + 2), ...varint(size)]), Buffer.alloc(size, 'x,y\n')]);
};

/** What became of too large a message, plain and as a small one that unpacks to it, of a method of this service that takes a text. */
export const largeMessages = async (address: string, service: string): Promise<readonly string[]> => {
  const desc = registry.getService(service)!;
  const method = desc.methods.find((one) => one.methodKind === 'unary' && heavy(one.input.typeName, 1) !== undefined)!;
  const { path } = grpcDefinition({ typeName: service } as never)[method.localName]!;
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), { interceptors, 'grpc.max_send_message_length': -1, 'grpc.default_compression_algorithm': 0 });
  const packing = new grpc.Client(address, grpc.credentials.createInsecure(), { interceptors, 'grpc.max_send_message_length': -1, 'grpc.default_compression_algorithm': 2 });
  const told = (by: grpc.Client, bytes: Buffer): Promise<string> =>
    new Promise((resolve) => by.makeUnaryRequest(path, same, same, bytes, new grpc.Metadata(), { deadline: Date.now() + 20_000 }, (error) => resolve(error ? `${grpc.status[error.code]} ${error.details}` : 'OK')));
  const answers = [await told(client, heavy(method.input.typeName, 5 * MIB)!), await told(packing, heavy(method.input.typeName, 50 * MIB)!)];
  client.close();
  packing.close();
  return answers;
};

/** Streams to every method of these services that takes a stream, without an end of its own: how each was ended. */
export const endlessStreams = async (address: string, services: readonly string[], mostMib: number): Promise<Readonly<Record<string, Ended>>> => {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), { interceptors });
  const ended: Record<string, Ended> = {};
  for (const name of services) {
    for (const method of registry.getService(name)?.methods ?? []) {
      if (method.methodKind !== 'client_streaming') continue;
      const { path } = grpcDefinition({ typeName: name } as never)[method.localName]!;
      const part = heavy(method.input.typeName, 256 * 1024)!;
      let sent = 0;
      const answer = await new Promise<string>((resolve) => {
        const stream = client.makeClientStreamRequest(path, same, same, new grpc.Metadata(), { deadline: Date.now() + 30_000 }, (error) => resolve(error ? `${grpc.status[error.code]} ${error.metadata.get('grpc-status-details-bin').length > 0 ? 'with a reason' : error.details}` : 'OK'));
        const more = (): void => {
          while (sent < mostMib * MIB) {
            sent += part.length;
            if (!stream.write(part)) return void stream.once('drain', more);
          }
          stream.end();
        };
        stream.on('error', () => undefined);
        more();
      });
      ended[`${name}/${method.name}`] = { answer, mib: sent / MIB };
    }
  }
  client.close();
  return ended;
};

