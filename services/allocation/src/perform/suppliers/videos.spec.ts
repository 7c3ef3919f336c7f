import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { videoKind } from './video-kind.js';
import { openVideoStore, type VideoStore } from './videos.js';

const ftyp = (brand: string): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from(`ftyp${brand}`, 'latin1'), Buffer.alloc(20)]);
const ebml = (type: string): Buffer => Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 1, 0x42, 0x82, 0x80 + type.length]), Buffer.from(type), Buffer.alloc(40)]);
const video = (bytes = 100_000): Buffer => Buffer.concat([ftyp('isom'), randomBytes(bytes)]);
const MIB = 1024 * 1024;

describe('packing videos', () => {
  let folder = '';
  let store: VideoStore;
  const files = async (): Promise<readonly string[]> => (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
  const refused = async (bytes: Readable, announced?: string): Promise<string> => {
    const error: unknown = await store.keep(bytes, announced).then(() => undefined, (reason: unknown) => reason);
    return error instanceof Refused ? error.reason : `not refused: ${String(error)}`;
  };
  const inParts = (bytes: Buffer, size = 7_000): Readable => Readable.from((function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  })());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'videos-'));
    store = await openVideoStore(folder, MIB, () => new Date());
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('ALC-08: a video is known by its first bytes, and what only shares its container is none', () => {
    expect([ftyp('isom'), ftyp('mp42'), ftyp('qt  '), ebml('webm')].map(videoKind)).toEqual(['video/mp4', 'video/mp4', 'video/quicktime', 'video/webm']);
    expect([ftyp('heic'), ftyp('avif'), ebml('matroska'), Buffer.from('<html><script>'), Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(64), Buffer.alloc(0), Buffer.from('MZ')].map(videoKind)).toEqual(Array.from({ length: 8 }, () => undefined));
  });
  it('ALC-08: is kept under its hash, whole, and found again, in part, too; the same twice is one', async () => {
    const bytes = video();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(await store.keep(inParts(bytes), sha256)).toEqual({ sha256, bytes: bytes.length, mediaType: 'video/mp4' });
    expect(await store.keep(inParts(bytes, 11))).toMatchObject({ sha256 });
    expect(await files()).toEqual([sha256]);
    expect(await readFile(join(folder, sha256.slice(0, 2), sha256))).toEqual(bytes);
    const found = (await store.find(sha256))!;
    expect(found).toMatchObject({ bytes: bytes.length, mediaType: 'video/mp4' });
    expect(Buffer.concat((await found.read({ start: 10, end: 19 }).toArray()) as Buffer[])).toEqual(bytes.subarray(10, 20));
    expect(await store.find(createHash('sha256').update('x').digest('hex'))).toBeUndefined();
    expect(await store.find('../../etc/passwd')).toBeUndefined();
  });
  it('ALC-08: the same video from many at once is one, and none of them sees half of it', async () => {
    const bytes = video();
    const kept = await Promise.all(Array.from({ length: 8 }, () => store.keep(inParts(bytes))));
    expect(new Set(kept.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(await files()).toEqual([kept[0]!.sha256]);
  });
  it('ALC-08: of what is no video, too large, broken off, or not what was announced nothing is left', async () => {
    expect(await refused(inParts(randomBytes(10_000)))).toBe('BAD_VIDEO');
    expect(await refused(inParts(Buffer.from('short')))).toBe('BAD_VIDEO');
    expect(await refused(inParts(Buffer.alloc(0)))).toBe('BAD_VIDEO');
    expect(await refused(inParts(video(MIB)))).toBe('TOO_LARGE');
    expect(await refused(inParts(video()), '0'.repeat(64))).toBe('BAD_REQUEST');
    const broken = new Readable({ read: () => undefined });
    broken.push(video(5_000));
    setTimeout(() => broken.destroy(Object.assign(new Error('the body broke off'), { statusCode: 400 })), 20);
    expect(await refused(broken)).toBe('BAD_REQUEST');
    expect(await files()).toEqual([]);
  });
  it('ALC-08: what a process that died left half is swept away, what still arrives is not', async () => {
    await writeFile(join(folder, 'arriving', 'old'), 'x');
    await utimes(join(folder, 'arriving', 'old'), new Date(0), new Date(0));
    await writeFile(join(folder, 'arriving', 'new'), 'x');
    await openVideoStore(folder, MIB, () => new Date());
    expect(await files()).toEqual(['new']);
  });
});
