import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Refused } from '@flotilla/decider';
import { photoKind, videoKind } from './media-kind.js';
import { openMediaStore, photo, video as videos, type MediaStore } from './media.js';

const ftyp = (brand: string): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 32]), Buffer.from(`ftyp${brand}`, 'latin1'), Buffer.alloc(20)]);
const ebml = (type: string): Buffer => Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x86, 0x81, 1, 0x42, 0x82, 0x80 + type.length]), Buffer.from(type), Buffer.alloc(40)]);
const video = (bytes = 100_000): Buffer => Buffer.concat([ftyp('isom'), randomBytes(bytes)]);
const MIB = 1024 * 1024;

describe('packing videos', () => {
  let folder = '';
  let store: MediaStore;
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
    store = await openMediaStore(videos, folder, MIB, () => new Date());
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('ALC-08: a video is known by its first bytes, and what only shares its container is none', () => {
    expect([ftyp('isom'), ftyp('mp42'), ftyp('qt  '), ebml('webm')].map(videoKind)).toEqual(['video/mp4', 'video/mp4', 'video/quicktime', 'video/webm']);
    expect([ftyp('heic'), ftyp('avif'), ebml('matroska'), Buffer.from('<html><script>'), Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(64), Buffer.alloc(0), Buffer.from('MZ')].map(videoKind)).toEqual(Array.from({ length: 8 }, () => undefined));
  });
  it('ALC-10: a photo is known by its first bytes, and neither takes what is the other', async () => {
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1]), randomBytes(5_000)]);
    const png = Buffer.concat([Buffer.from([0x89]), Buffer.from('PNG\r\n\u001a\n'), randomBytes(100)]);
    const webp = Buffer.from('RIFF\n\n\n\nWEBPVP8 ', 'latin1');
    expect([jpeg, png, webp].map(photoKind)).toEqual(['image/jpeg', 'image/png', 'image/webp']);
    expect([Buffer.from('<svg onload="">'), Buffer.from('GIF89a'), Buffer.from('RIFF    WAVE'), Buffer.alloc(0), ftyp('heic'), video()].map(photoKind)).toEqual(Array.from({ length: 6 }, () => undefined));
    const photos = await openMediaStore(photo, folder, MIB, () => new Date());
    const kept = await photos.keep(inParts(jpeg));
    expect(kept).toMatchObject({ bytes: jpeg.length, mediaType: 'image/jpeg' });
    // Served by whoever serves the folder.
    expect(await store.find(kept.sha256)).toMatchObject({ mediaType: 'image/jpeg' });
    await expect(photos.keep(inParts(video()))).rejects.toMatchObject({ reason: 'BAD_PHOTO' });
    await expect(photos.keep(inParts(Buffer.concat([jpeg, Buffer.alloc(MIB)])))).rejects.toMatchObject({ reason: 'TOO_LARGE', message: 'a photo has at most 1 MiB' });
    expect(await refused(inParts(jpeg))).toBe('BAD_VIDEO');
    expect(await files()).toEqual([kept.sha256]);
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
    await openMediaStore(videos, folder, MIB, () => new Date());
    expect(await files()).toEqual(['new']);
  });
});
