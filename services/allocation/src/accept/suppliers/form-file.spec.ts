import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { takeFormFile } from './form-file.js';

const type = 'multipart/form-data; boundary=x';
const part = (name: string, text: string): string => `--x\r\ncontent-disposition: form-data; name="${name}"${name === 'video' ? '; filename="装箱.mp4"\r\ncontent-type: video/mp4' : ''}\r\n\r\n${text}\r\n`;
const inParts = (text: string): Readable => Readable.from((function* () {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
})());
const whole = async (file: Readable): Promise<string> => Buffer.concat((await file.toArray()) as Buffer[]).toString();
const reasonOf = async (answer: Promise<unknown>): Promise<string> => answer.then(() => 'taken', (error: unknown) => (error instanceof Refused ? error.reason : String(error)));
const large = 'v'.repeat(200_000);

describe('the file of a form', () => {
  it('ALC-08: is taken whole, whatever stands around it', async () => {
    expect(await takeFormFile({ type, bytes: inParts(`${part('a', 'b')}${part('video', large)}${part('video', 'another')}--x--\r\n`) }, whole)).toBe(large);
  });
  it('ALC-08: one that breaks off, is missing, or is in no form, is refused', async () => {
    for (const text of [`--x\r\ncontent-disposition: form-data; name="video"; filename="a"\r\n\r\n${large}`, 'garbage', '', '--x--\r\n', part('a', 'b')]) expect(await reasonOf(takeFormFile({ type, bytes: inParts(text) }, whole))).toBe('BAD_REQUEST');
    expect(await reasonOf(takeFormFile({ type: 'video/mp4', bytes: inParts(large) }, whole))).toBe('BAD_REQUEST');
    expect(await reasonOf(takeFormFile({ type: 'multipart/form-data', bytes: inParts(large) }, whole))).toBe('BAD_REQUEST');
  });
  it('ALC-08: whoever has seen enough of it ends it at once, before and after its last byte has come', async () => {
    const glance = async (file: Readable): Promise<never> => {
      for await (const _ of file) throw new Refused('BAD_VIDEO', 'no');
      throw new Error('nothing came');
    };
    expect(await reasonOf(takeFormFile({ type, bytes: inParts(`${part('video', large)}--x--\r\n`) }, glance))).toBe('BAD_VIDEO');
    expect(await reasonOf(takeFormFile({ type, bytes: Readable.from([Buffer.from(`${part('video', large)}--x--\r\n`)]) }, glance))).toBe('BAD_VIDEO');
  });
});
