import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { quietLog } from '@flotilla/testing';
import { Body, Controller, Post } from '@nestjs/common';
import { Describe, json } from './describe.js';
import { openGate } from '../spec/open-gate.js';
import { startHttp, TakesStream, type HttpServer, type Upload } from './http.js';

const MIB = 1024 * 1024;
const LARGEST = 3 * MIB;
const STREAM = 'application/vnd.flotilla.stream';

@Controller()
class BodiesController {
  @Describe({ id: 'whole', summary: 'For specs', answers: { 201: ['What was read', json({ type: 'object' })] } })
  @Post('whole')
  whole(@Body() body: unknown): { readonly whole: boolean; readonly size: number } {
    return { whole: Buffer.isBuffer(body), size: (body as Buffer).length };
  }

  @TakesStream(LARGEST)
  @Describe({ id: 'stream', summary: 'For specs', answers: { 201: ['What was read', json({ type: 'object' })] } })
  @Post('stream')
  async stream(@Body() { type, bytes }: Upload): Promise<{ readonly type: string; readonly sha256: string; readonly largestChunk: number }> {
    const hash = createHash('sha256');
    let largestChunk = 0;
    for await (const chunk of bytes) {
      hash.update(chunk as Buffer);
      largestChunk = Math.max(largestChunk, (chunk as Buffer).length);
    }
    return { type, sha256: hash.digest('hex'), largestChunk };
  }

  @TakesStream(LARGEST)
  @Describe({ id: 'glance', summary: 'For specs', answers: { 201: ['What was read', json({ type: 'object' })] } })
  @Post('glance')
  async glance(@Body() { bytes }: Upload): Promise<{ readonly first: number }> {
    for await (const chunk of bytes) return { first: (chunk as Buffer)[0]! };
    return { first: -1 };
  }
}

describe('bodies that are taken as they arrive', () => {
  let http: HttpServer;
  beforeAll(async () => {
    const patience = { wholeMs: 300, streamMs: 60_000, lingerMs: 2_000 };
    http = await startHttp({ name: 'spec', controllers: [BodiesController], context: {}, probes: { ready: () => [] }, host: '127.0.0.1', port: 0, log: quietLog(), gate: openGate, patience });
  });
  afterAll(() => http.stop());

  const post = async (path: string, body: Buffer | AsyncIterable<Buffer>, headers: Readonly<Record<string, string>> = {}): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> => {
    const response = await fetch(`${http.url}/${path}`, { method: 'POST', headers, body: body as RequestInit['body'], duplex: 'half' } as RequestInit);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  async function* inParts(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  /** Says something over a bare connection and answers all that comes back until it ends. */
  const speak = (lines: readonly string[], then?: (write: (text: string) => void) => void): Promise<string> =>
    new Promise((resolve) => {
      let heard = '';
      const socket = connect(Number(new URL(http.url).port), '127.0.0.1', () => {
        socket.write([...lines, '', ''].join('\r\n'));
        then?.((text) => void socket.write(text));
      });
      socket.on('data', (chunk) => (heard += chunk.toString())).on('error', () => undefined).on('close', () => resolve(heard));
    });

  it('ALC-08: a large body arrives in parts, whole and unchanged, with and without a length', async () => {
    const bytes = randomBytes(LARGEST);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    for (const body of [bytes, inParts(bytes)]) {
      const { status, body: answer } = await post('stream', body, { 'content-type': 'video/mp4' });
      expect([status, answer['type'], answer['sha256']]).toEqual([201, 'video/mp4', sha256]);
      expect(answer['largestChunk']).toBeLessThan(MIB);
    }
  });
  it('ALC-08: one that is too large is refused by its length before it is read, and by its bytes without one', async () => {
    for (const body of [Buffer.alloc(LARGEST + 1), inParts(Buffer.alloc(LARGEST + 1))]) expect(await post('stream', body)).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
  });
  it('ALC-08: a handler that has seen enough answers, and is heard by one who still sends', async () => {
    expect(await post('glance', inParts(Buffer.alloc(LARGEST, 7)))).toEqual({ status: 201, body: { first: 7 } });
  });
  it('ALC-08: who was refused and sends on is let go', async () => {
    const heard = await speak(['POST /stream HTTP/1.1', 'host: x', `content-length: ${1000 * MIB}`], (write) => write('x'));
    expect(heard).toContain('413');
  });
  it('ING-11: no other body is taken so, whatever its type says, and none is larger than before', async () => {
    for (const type of [STREAM, STREAM.toUpperCase(), `${STREAM}; a=b`]) expect(await post('whole', Buffer.from('abc'), { 'content-type': type })).toEqual({ status: 201, body: { whole: true, size: 3 } });
    expect(await post('whole', Buffer.alloc(MIB + 1), { 'content-type': STREAM })).toMatchObject({ status: 413 });
  });
  it('ING-11: a body that is read whole has to arrive in time; one that is taken as it comes may take longer', async () => {
    const slowly = (path: string): Promise<string> =>
      speak([`POST /${path} HTTP/1.1`, 'host: x', 'connection: close', 'content-length: 4'], (write) => {
        write('ab');
        setTimeout(() => write('cd'), 600);
      });
    expect(await slowly('whole')).toMatch(/^HTTP\/1\.1 408 /);
    expect(await slowly('stream')).toMatch(/^HTTP\/1\.1 201 /);
  });
  it('ALC-08: one that breaks off is an error, never a shorter body', async () => {
    const answers: unknown[] = [];
    const seen = new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(http.url).port), '127.0.0.1', () => {
        socket.write('POST /stream HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc');
        setTimeout(() => socket.end(), 50);
      });
      socket.on('data', (chunk) => answers.push(chunk.toString())).on('error', () => undefined).on('close', () => resolve());
    });
    await seen;
    expect(answers.join('')).not.toContain('201');
    expect((await fetch(`${http.url}/livez`)).status).toBe(200);
  });
});
