import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

// 32 MiB and about 60 ms a try.
const cost: ScryptOptions & { readonly N: number; readonly r: number; readonly p: number } = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const pattern = /^scrypt\.(\d{1,7})\.(\d{1,2})\.(\d{1,2})\.([A-Za-z0-9_-]{22,})\.([A-Za-z0-9_-]{43,})$/;
/** A password that is longer is none: nobody's, and its hashing a stranger's way to keep us busy. */
export const longestPassword = 200;

const derive = (password: string, salt: Uint8Array, length: number, options: ScryptOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => (error ? reject(error) : resolve(key))));

/** `scrypt.<N>.<r>.<p>.<salt>.<hash>`, each time with another salt. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, 32, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), hash.toString('base64url')].join('.');
};

/** Whether it is what `hashPassword` makes. */
export const isPasswordHash = (text: string): boolean => pattern.test(text);

/** Compared in constant time. False for a hash that is none, and for what is too long to be a password. */
export const passwordMatches = async (password: string, hash: string): Promise<boolean> => {
  const [, N, r, p, salt, known] = pattern.exec(hash) ?? [];
  if (known === undefined || password.length > longestPassword) return false;
  const expected = Buffer.from(known, 'base64url');
  const found = await derive(password, Buffer.from(salt!, 'base64url'), expected.length, { N: Number(N), r: Number(r), p: Number(p), maxmem: cost.maxmem! });
  return timingSafeEqual(found, expected);
};
