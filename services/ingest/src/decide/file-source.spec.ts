import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { fileSource, overlap } from './file-source.decider.js';
import type { FileSource, FileSourceEvent } from './file-source.events.js';

const at = '2026-11-30T10:00:00.000Z';
const channel = 'files-1';
const folder: FileSource = { sftp: null, folder: 'shop-1/orders', everySeconds: 60, mappingVersion: 0, paused: false };
const server = { host: 'files.shop.test', port: 22, user: 'flotilla', hostKey: `SHA256:${'A'.repeat(43)}`, path: '/orders', secret: 'shop-1' };
const putting = (source: FileSource) => ({ type: 'PutFileSource' as const, data: { channel, source, at, by: 'spec' } });
const put = (source: FileSource): FileSourceEvent => ({ type: 'FileSourcePut', data: { channel, source, at, by: 'spec' } });
const noting = (why: string) => ({ type: 'NoteLook' as const, data: { channel, why, at } });

describe('where a channel’s files lie', () => {
  const { given } = specify(fileSource);

  it('ING-04: is a folder or an SFTP server, put once', () => {
    given().when(putting(folder)).then(put(folder));
    given(put(folder)).when(putting(folder)).thenNothing();
    given(put(folder)).when(putting({ ...folder, folder: '', sftp: server })).then(put({ ...folder, folder: '', sftp: server }));
  });

  it.each<[string, Partial<FileSource>]>([
    ['neither', { folder: '' }],
    ['both', { sftp: server }],
    ['a folder above the one that is for this', { folder: '../other' }],
    ['a folder from the root', { folder: '/etc' }],
    ['a hidden folder', { folder: 'a/.ssh' }],
    ['a pace that is none', { everySeconds: 0 }],
    ['no version of a mapping', { mappingVersion: -1 }],
    ['a server without a pinned key', { folder: '', sftp: { ...server, hostKey: '' } }],
    ['a server’s secret instead of its name', { folder: '', sftp: { ...server, secret: 'pass word!' } }],
    ['a port that is none', { folder: '', sftp: { ...server, port: 70_000 } }],
    ['a host with a path', { folder: '', sftp: { ...server, host: 'shop.test/x' } }],
  ])('ING-04: %s is refused', (_what, change) => {
    expect(() => fileSource.decide(putting({ ...folder, ...change }), null)).toThrow(expect.objectContaining({ reason: 'BAD_REQUEST' }));
  });

  it('ING-04: two places are one where one is within the other, and only there', () => {
    const at = (path: string): FileSource => ({ ...folder, folder: path });
    const there = (change: Partial<typeof server>): FileSource => ({ ...folder, folder: '', sftp: { ...server, ...change } });
    for (const [a, b] of [['shop-1', 'shop-1'], ['shop-1', 'shop-1/done'], ['shop-1/a/b', 'shop-1/a']] as const) expect([a, b, overlap(at(a), at(b))]).toEqual([a, b, true]);
    for (const [a, b] of [['shop-1', 'shop-10'], ['shop-1/a', 'shop-1/b']] as const) expect([a, b, overlap(at(a), at(b))]).toEqual([a, b, false]);
    for (const other of [{ path: 'orders/' }, { path: '/orders/./done' }, { path: '/' }, { host: 'FILES.shop.test' }, { path: '/x/../orders' }]) expect([other, overlap(there({}), there(other))]).toEqual([other, true]);
    for (const other of [{ path: '/orders-2' }, { user: 'somebody' }, { port: 2_222 }, { host: 'other.test' }]) expect([other, overlap(there({}), there(other))]).toEqual([other, false]);
    expect(overlap(folder, there({}))).toBe(false);
  });

  it('ING-04: a look that fails is one problem as long as it fails in one way, and is over with one that goes well', () => {
    const failed: FileSourceEvent = { type: 'FileSourceFailed', data: { channel, why: 'ENOENT', at } };
    given(put(folder)).when(noting('ENOENT')).then(failed);
    given(put(folder), failed).when(noting('ENOENT')).thenNothing();
    given(put(folder), failed).when(noting('')).then({ type: 'FileSourceWorks', data: { channel, at } });
    given(put(folder)).when(noting('')).thenNothing();
    given().when(noting('ENOENT')).thenNothing();
  });
});
