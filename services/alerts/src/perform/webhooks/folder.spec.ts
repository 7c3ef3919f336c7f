import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@flotilla/testing';
import ssh2 from 'ssh2';
import { startSftpServer, type SftpOptions, type SftpServer } from '../../../../../deploy/sandbox/src/sftp/server.js';
import { hostOf, putFile, reasonOf, secretFaultsOf, serverOf } from './folder.sftp.js';

const user = 'books';
const password = 'file-password';
const file = { name: 'flotilla-0000000000000007-2.ndjson', bytes: Buffer.from('{"id":"1"}\n{"id":"2"}\n') };
const path = `/in/${file.name}`;
const sha256 = createHash('sha256').update(file.bytes).digest('hex');
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'sec1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
const parsed = ssh2.utils.parseKey(pair.privateKey);
if (parsed instanceof Error) throw parsed;
const publicKey = `ecdsa-sha2-nistp256 ${parsed.getPublicSSH().toString('base64')}`;

describe('OPS-09: a file in a folder of others', () => {
  let options: SftpOptions;
  let server: SftpServer;
  let cut: 'before' | 'after' | undefined;
  const there = (): Readonly<Record<string, string>> => Object.fromEntries(server.list().map((one) => [one.path, one.text]));
  const put = (change: { readonly secret?: string; readonly hostKey?: string; readonly folder?: string; readonly user?: string } = {}): Promise<string> => {
    const sftp = { hostKey: change.hostKey ?? server.hostKey, everySeconds: 60 };
    return putFile(serverOf(`sftp://${change.user ?? user}@localhost:${server.port}${change.folder ?? '/in'}`, sftp, '127.0.0.1', change.secret ?? password), file, AbortSignal.timeout(10_000)).then(() => 'there', reasonOf);
  };

  beforeEach(async () => {
    cut = undefined;
    options = { user, password, publicKey, folders: ['/in', '/in/done'], cut: () => [cut, (cut = undefined)][0] };
    server = await startSftpServer(options);
  });
  afterEach(() => server.close());

  it('OPS-09: lies there whole, its checksum beside it, with a password or a key', async () => {
    expect(await put()).toBe('there');
    expect(there()).toEqual({ [path]: file.bytes.toString(), [`${path}.sha256`]: `${sha256}  ${file.name}\n` });
    server.move(path, `/in/done/${file.name}`);
    expect(await put({ secret: pair.privateKey })).toBe('there');
    expect(there()[path]).toBeUndefined();
  });
  it('OPS-09: was cut in the middle: nobody sees half of it, and the next try writes it whole', async () => {
    let writes = 0;
    await server.close();
    server = await startSftpServer({ ...options, write: () => ((writes += 1) === 2 ? 'cut' : undefined) });
    expect(await put()).toMatch(/CUT|ECONNRESET/);
    expect(there()[path]).toBeUndefined();
    expect(there()[`${path}.part`]).not.toBe(file.bytes.toString());
    expect(await put()).toBe('there');
    expect(there()).toEqual({ [path]: file.bytes.toString(), [`${path}.sha256`]: `${sha256}  ${file.name}\n` });
  });
  it.each([1, 2])('OPS-09: there is no room for it (write %i): nobody sees half of it, and when there is the next try writes it whole', async (at) => {
    let writes = 0;
    await server.close();
    server = await startSftpServer({ ...options, write: () => ((writes += 1) === at ? 'full' : undefined) });
    expect(await put()).toBe('NOT_WHOLE');
    expect(there()[path]).toBeUndefined();
    expect(await put()).toBe('there');
    expect(there()).toEqual({ [path]: file.bytes.toString(), [`${path}.sha256`]: `${sha256}  ${file.name}\n` });
  });
  it.each(['before', 'after'] as const)('OPS-09: was cut %s the rename: the next try leaves one file', async (when) => {
    cut = when;
    expect(await put()).toMatch(/CUT|ECONNRESET/);
    expect(there()[path]).toBe(when === 'after' ? file.bytes.toString() : undefined);
    expect(await put()).toBe('there');
    expect(there()).toEqual({ [path]: file.bytes.toString(), [`${path}.sha256`]: `${sha256}  ${file.name}\n` });
  });
  it('OPS-09: was taken into done before we knew that it was there: it does not come twice', async () => {
    cut = 'after';
    await put();
    server.move(path, `/in/done/${file.name}`);
    expect(await put()).toBe('there');
    expect(Object.keys(there())).toEqual([`${path}.sha256`, `/in/done/${file.name}`]);
  });
  it.each(['theirs', '', `${file.bytes.toString()}{"id":"3"}\n`])('OPS-09: one of its name with other bytes stays as it is (%j)', async (text) => {
    server.put(path, text);
    expect(await put()).toBe('OTHER_BYTES');
    expect(there()).toEqual({ [path]: text });
  });
  it('OPS-09: a server that never lets us in does not hold us up, and is hung up on', async () => {
    let open = 0;
    const silent = createServer((socket) => {
      open += 1;
      socket.on('error', () => undefined).on('close', () => (open -= 1)).resume();
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const begun = performance.now();
    expect(await putFile({ host: '127.0.0.1', port, user, password, hostKey: server.hostKey, root: '/' }, file, AbortSignal.timeout(500)).catch(reasonOf)).toBe('TimeoutError');
    expect(performance.now() - begun).toBeLessThan(4_000);
    await eventually(() => expect(open).toBe(0));
    silent.close();
  });
  it('OPS-09: what is wrong with a server has a word', async () => {
    expect(await put({ hostKey: 'A'.repeat(43) })).toBe('HOST_KEY');
    expect(await put({ secret: 'another' })).toBe('LOGIN');
    expect(await put({ user: 'another' })).toBe('LOGIN');
    expect(await put({ secret: generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'sec1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } }).privateKey })).toBe('LOGIN');
    expect(await put({ secret: '-----BEGIN EC PRIVATE KEY-----\nnone\n-----END EC PRIVATE KEY-----\n' })).toBe('PRIVATE_KEY');
    expect(await put({ folder: '/nowhere' })).toBe('NO_FOLDER');
    const { port } = server;
    await server.close();
    expect(await putFile({ host: '127.0.0.1', port, user, password, hostKey: server.hostKey, root: '/' }, file, AbortSignal.timeout(10_000)).catch(reasonOf)).toBe('ECONNREFUSED');
    server = await startSftpServer(options);
  });
});

describe('OPS-09: how a folder is named', () => {
  const sftp = { hostKey: 'A'.repeat(43), everySeconds: 60 };
  it('OPS-09: by a url, whose parts may be escaped', () => {
    expect(serverOf('sftp://book%20keeper@files.example.org/in%20box/a', sftp, '203.0.113.9', 'p')).toEqual({ host: '203.0.113.9', port: 22, user: 'book keeper', hostKey: sftp.hostKey, root: '/in box/a', password: 'p' });
    expect(serverOf('sftp://b@[2606:4700::1111]:2222', sftp, '2606:4700::1111', '-----BEGIN X')).toMatchObject({ port: 2222, root: '/', privateKey: '-----BEGIN X' });
    expect(hostOf('sftp://b@[2606:4700::1111]:2222/x')).toBe('2606:4700::1111');
  });
  it('OPS-09: with a secret that can be one, and no secret without a folder', () => {
    for (const secret of ['pass', pair.privateKey]) expect(secretFaultsOf(sftp, secret)).toEqual([]);
    for (const secret of ['', 'x'.repeat(16_385), '-----BEGIN CERTIFICATE-----', `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED`]) expect(secretFaultsOf(sftp, secret)).toHaveLength(1);
    expect(secretFaultsOf(undefined, '')).toEqual([]);
    expect(secretFaultsOf(undefined, 'pass')).toHaveLength(1);
  });
});
