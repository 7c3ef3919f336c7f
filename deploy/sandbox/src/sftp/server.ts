import { createHash, generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { posix } from 'node:path';
import ssh2, { type PublicKeyAuthContext, type SFTPWrapper } from 'ssh2';

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp;

interface Entry {
  bytes: Buffer;
  /** Seconds, as SFTP has it. */
  mtime: number;
}

export interface SftpServer {
  readonly port: number;
  /** SHA-256 of the server's key, base64. */
  readonly hostKey: string;
  put(path: string, text: string): void;
  /** In the order in which they came. */
  list(): readonly { path: string; text: string }[];
  move(from: string, to: string): void;
  close(): Promise<void>;
}

const now = (): number => Math.floor(Date.now() / 1_000);

/** What is wrong with the next bytes of a file: the connection breaks when half of them are written, or there is no room. */
export type WriteFault = 'cut' | 'full' | undefined;

export interface SftpOptions {
  readonly user: string;
  /** May be changed while it runs. */
  password: string;
  /** Of a user with a key, as `authorized_keys` has it. */
  readonly publicKey?: string;
  readonly folders: readonly string[];
  /** Whether the connection breaks before or after an operation on a path took effect. */
  readonly cut?: (operation: string, path: string) => 'before' | 'after' | undefined;
  readonly write?: (path: string) => WriteFault;
}

/** An SFTP server with its folders in memory and one user. */
export async function startSftpServer(options: SftpOptions): Promise<SftpServer> {
  const { user, publicKey, folders, cut = () => undefined, write = () => undefined } = options;
  const known = publicKey === undefined ? undefined : ssh2.utils.parseKey(publicKey);
  if (known instanceof Error) throw known;
  const isKnown = (auth: PublicKeyAuthContext): boolean => known !== undefined && auth.key.data.equals(known.getPublicSSH()) && (!auth.blob || !auth.signature || known.verify(auth.blob, auth.signature, auth.hashAlgo) === true);
  const files = new Map<string, Entry>();
  const there = ['/', ...folders];
  // Not ssh2's own generator: it now and then makes a key that it cannot read.
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding: { type: 'sec1', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const hostKey = createHash('sha256').update((Array.isArray(parsed) ? parsed[0]! : parsed).getPublicSSH()).digest('base64');
  const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('error', () => undefined);
    // Its types do not know it: small packets must not wait for one another.
    client.on('ready', () => (client as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true));
    client.on('authentication', (auth) => {
      const mine = auth.username === user && ((auth.method === 'password' && auth.password === options.password) || (auth.method === 'publickey' && isKnown(auth)));
      return mine ? auth.accept() : auth.reject(['password', ...(known ? (['publickey'] as const) : [])]);
    });
    client.on('session', (accept) => accept().on('sftp', (start) => serve(start(), files, there, { cut, write }, () => client.end())));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    hostKey,
    put: (path, text) => void files.set(path, { bytes: Buffer.from(text), mtime: now() }),
    list: () => [...files].map(([path, { bytes }]) => ({ path, text: bytes.toString() })),
    move: (from, to) => {
      const entry = files.get(from);
      if (!entry) return;
      files.delete(from);
      files.set(to, { ...entry, mtime: now() });
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

type Handle = { path: string; listed?: boolean };

function serve(sftp: SFTPWrapper, files: Map<string, Entry>, folders: string[], { cut, write }: Required<Pick<SftpOptions, 'cut' | 'write'>>, hangUp: () => void): void {
  const handles: Handle[] = [];
  const give = (request: number, handle: Handle): void => {
    const name = Buffer.alloc(4);
    name.writeUInt32BE(handles.push(handle) - 1);
    sftp.handle(request, name);
  };
  const handleOf = (name: Buffer): Handle | undefined => handles[name.readUInt32BE()];
  const status = (request: number, good: boolean): void => sftp.status(request, good ? STATUS_CODE.OK : STATUS_CODE.NO_SUCH_FILE);
  const attributes = (path: string) => {
    const entry = files.get(path);
    const mtime = entry?.mtime ?? 0;
    return { mode: entry ? 0o100_644 : 0o040_755, uid: 0, gid: 0, size: entry?.bytes.length ?? 0, atime: mtime, mtime };
  };
  const normal = (path: string): string => `/${path.split('/').filter((part) => part !== '' && part !== '.').join('/')}`;
  const stat = (request: number, path: string): void => (files.has(normal(path)) || folders.includes(normal(path)) ? sftp.attrs(request, attributes(normal(path))) : status(request, false));
  sftp.on('REALPATH', (request, path) => sftp.name(request, [{ filename: normal(path), longname: normal(path), attrs: attributes(normal(path)) }]));
  sftp.on('STAT', stat);
  sftp.on('LSTAT', stat);
  sftp.on('FSTAT', (request, name) => stat(request, handleOf(name)?.path ?? ''));
  sftp.on('SETSTAT', (request) => status(request, true));
  sftp.on('FSETSTAT', (request) => status(request, true));
  sftp.on('OPENDIR', (request, path) => (folders.includes(normal(path)) ? give(request, { path: normal(path) }) : status(request, false)));
  sftp.on('READDIR', (request, name) => {
    const handle = handleOf(name);
    if (!handle || handle.listed) return sftp.status(request, STATUS_CODE.EOF);
    handle.listed = true;
    const prefix = handle.path === '/' ? '/' : `${handle.path}/`;
    const inside = [...files.keys(), ...folders.slice(1)].filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'));
    sftp.name(request, inside.map((path) => {
      const filename = path.slice(prefix.length);
      return { filename, longname: `${files.has(path) ? '-' : 'd'}rw-r--r-- 1 0 0 ${attributes(path).size} Jan 1 00:00 ${filename}`, attrs: attributes(path) };
    }));
  });
  sftp.on('OPEN', (request, path, flags) => {
    const writing = (flags & OPEN_MODE.WRITE) !== 0;
    if (writing && !folders.includes(posix.dirname(normal(path)))) return status(request, false);
    if (writing) files.set(normal(path), { bytes: Buffer.alloc(0), mtime: now() });
    if (writing || files.has(normal(path))) give(request, { path: normal(path) });
    else status(request, false);
  });
  sftp.on('READ', (request, name, offset, length) => {
    const entry = files.get(handleOf(name)?.path ?? '');
    if (!entry) return status(request, false);
    if (offset >= entry.bytes.length) return sftp.status(request, STATUS_CODE.EOF);
    sftp.data(request, entry.bytes.subarray(offset, offset + length));
  });
  sftp.on('WRITE', (request, name, offset, data) => {
    const path = handleOf(name)?.path ?? '';
    const entry = files.get(path);
    if (!entry) return status(request, false);
    const fault = write(path);
    if (fault === 'full') return sftp.status(request, STATUS_CODE.FAILURE);
    const taken = fault === 'cut' ? data.subarray(0, data.length >> 1) : data;
    const bytes = Buffer.alloc(Math.max(entry.bytes.length, offset + taken.length));
    entry.bytes.copy(bytes);
    taken.copy(bytes, offset);
    files.set(path, { bytes, mtime: now() });
    if (fault === 'cut') return hangUp();
    status(request, true);
  });
  sftp.on('CLOSE', (request) => status(request, true));
  sftp.on('REMOVE', (request, path) => status(request, files.delete(normal(path))));
  sftp.on('MKDIR', (request, path) => {
    if (!folders.includes(normal(path))) folders.push(normal(path));
    status(request, true);
  });
  sftp.on('RENAME', (request, from, to) => {
    const entry = files.get(normal(from));
    // As version 3 has it: never over another file.
    if (!entry || files.has(normal(to))) return sftp.status(request, STATUS_CODE.FAILURE);
    const struck = cut('rename', normal(to));
    if (struck === 'before') return hangUp();
    files.delete(normal(from));
    files.set(normal(to), entry);
    if (struck === 'after') return hangUp();
    status(request, true);
  });
}
