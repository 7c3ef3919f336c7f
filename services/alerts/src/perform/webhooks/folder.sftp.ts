import { createHash } from 'node:crypto';
import { bytesAt, pathsBelow, putAll, putWhole, SftpSession, type SftpServer } from '@flotilla/files/sftp';
import type { Sftp } from '../../decide/webhook.decider.js';

/** A file and its bytes. */
export interface Whole {
  readonly name: string;
  readonly bytes: Buffer;
}

class OtherBytes extends Error {
  readonly code = 'OTHER_BYTES';
}

const isKey = (secret: string): boolean => secret.startsWith('-----BEGIN ');

/** What is wrong with a secret, as far as it can be told without the server. */
export const secretFaultsOf = (sftp: Sftp | undefined, secret: string): readonly string[] => {
  if (!sftp) return secret === '' ? [] : ['secret is for a folder alone: what is called is signed with one of ours'];
  if (secret === '' || secret.length > 16_384) return ['secret is the password of the user of url, or a private key'];
  return isKey(secret) && (!secret.includes('PRIVATE KEY-----') || secret.includes('ENCRYPTED')) ? ['secret is no private key without a passphrase'] : [];
};

/** The name or number of the host of a folder. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** Where a folder is, by its url; `address`: of its host, checked. */
export const serverOf = (url: string, { hostKey }: Sftp, address: string, secret: string): SftpServer => {
  const { username, port, pathname } = new URL(url);
  return {
    host: address, port: port === '' ? 22 : Number(port), user: decodeURIComponent(username), hostKey, root: decodeURIComponent(pathname) || '/',
    ...(isKey(secret) ? { privateKey: secret } : { password: secret }),
  };
};

/**
 * Puts a file into a folder, its checksum before it. It is there already, or in `done`, after a try that was cut off behind it; one of its name with other
 * bytes is not ours to overwrite.
 */
export const putFile = async (server: SftpServer, { name, bytes }: Whole, signal: AbortSignal): Promise<void> => {
  const session = new SftpSession(server);
  const at = pathsBelow(server);
  try {
    await session.do(async (client) => {
      if ((await client.exists(at('done', name))) === '-') return;
      if (await client.exists(at(name))) {
        if (!bytes.equals(await bytesAt(client, at(name), bytes.length + 1))) throw new OtherBytes(name);
        return;
      }
      await putAll(client, at(`${name}.sha256`), Buffer.from(`${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`));
      await putWhole(client, at(name), bytes);
    }, signal);
  } finally {
    await session.close();
  }
};

// The library has no codes for them.
const words: readonly (readonly [RegExp, string])[] = [
  [/host denied/i, 'HOST_KEY'],
  [/authentication methods failed/i, 'LOGIN'],
  [/privateKey/, 'PRIVATE_KEY'],
];
// As SFTP has them: 4 is whatever a server has no word for.
const statuses: Readonly<Record<string, string>> = { 2: 'NO_FOLDER', ENOENT: 'NO_FOLDER', 3: 'DENIED', EACCES: 'DENIED', 4: 'REFUSED', ERR_GENERIC_CLIENT: 'CUT' };

/** Why a file is not there: a word for what people can do something about, else the network's own. */
export const reasonOf = (error: unknown): string => {
  const { code, name = 'Error', message = '' } = error as { readonly code?: unknown; readonly name?: string; readonly message?: string };
  const known = words.find(([pattern]) => pattern.test(message))?.[1];
  return known ?? statuses[String(code)] ?? (typeof code === 'string' ? code : name);
};
