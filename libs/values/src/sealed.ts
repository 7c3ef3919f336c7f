import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { secretKey } from './secret-key.js';

/** What kind of personal value is sealed. Part of what is authenticated: a sealed phone cannot be passed off as a name. */
export type Field = 'name' | 'phone' | 'street' | 'company' | 'email' | 'text' | 'raw';

const prefix = 'sealed.v1.';
const pattern = /^sealed\.v1\.([A-Za-z0-9_:-]{1,100})\.(name|phone|street|company|email|text|raw)\.([A-Za-z0-9_-]{38,})$/;
// A raw payload is whatever an interface lets in (1 MiB) with its envelope; nobody's name is longer than the other.
const largest = (field: Field): number => (field === 'raw' ? 2 * 1024 * 1024 : 64 * 1024);

/**
 * `sealed.v1.<subject>.<field>.<base64url of iv ‖ ciphertext ‖ tag>`: AES-256-GCM under the subject's key, bound to
 * subject and field, so that a value moved elsewhere does not open. "" stays "": there is nothing to hide, and readers
 * can tell that it is missing. Throws above 64 KiB of UTF-8 (raw: 2 MiB), for a key that is not 32 bytes and a subject that is no id.
 */
export const seal = (key: Uint8Array, subject: string, field: Field, text: string): string => {
  if (text === '') return '';
  const plain = Buffer.from(text, 'utf8');
  if (plain.length > largest(field)) throw new Error(`a sealed ${field} holds at most ${largest(field)} bytes, this has ${plain.length}`);
  if (!/^[A-Za-z0-9_:-]{1,100}$/.test(subject)) throw new Error('a subject is an id of letters, digits, "_", ":" and "-"');
  return `${prefix}${subject}.${field}.${encrypt(key, `${subject}|${field}`, plain)}`;
};

/**
 * The clear text; `undefined` if the subject's key is gone (erased). `keyOf` is asked for the subject's key. Throws if
 * the text is no sealed text, was changed, or belongs to another subject or field. "" opens as "".
 */
export const open = (keyOf: (subject: string) => Uint8Array | undefined, sealedText: string): string | undefined => {
  if (sealedText === '') return '';
  const { subject, field, body } = parse(sealedText);
  const key = keyOf(subject);
  return key === undefined ? undefined : decrypt(key, `${subject}|${field}`, body).toString('utf8');
};

/** Whether a text is sealed. */
export const isSealed = (text: string): boolean => text.startsWith(prefix) && pattern.test(text);

/** Whose key opens it. Throws if the text is not sealed. */
export const subjectOf = (text: string): string => parse(text).subject;

/** What it holds. Throws if the text is not sealed. */
export const fieldOf = (text: string): Field => parse(text).field;

/** A fresh data key for a subject. */
export const newKey = (): Uint8Array => randomBytes(32);

/** A data key as it is stored: encrypted under the key-encryption key and bound to its subject. */
export const wrapKey = (kek: Uint8Array, subject: string, key: Uint8Array): string => `wrapped.v1.${encrypt(kek, `key|${subject}`, key)}`;

/** Throws if it was wrapped under another key-encryption key, for another subject, or changed. */
export const unwrapKey = (kek: Uint8Array, subject: string, wrapped: string): Uint8Array => {
  const body = /^wrapped\.v1\.([A-Za-z0-9_-]+)$/.exec(wrapped)?.[1];
  if (body === undefined) throw new Error('not a wrapped key');
  return decrypt(kek, `key|${subject}`, body);
};

const parse = (text: string): { subject: string; field: Field; body: string } => {
  const match = pattern.exec(text);
  if (match === null) throw new Error('not a sealed text');
  return { subject: match[1]!, field: match[2] as Field, body: match[3]! };
};

const encrypt = (key: Uint8Array, bound: string, plain: Uint8Array): string => {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secretKey(key), iv).setAAD(Buffer.from(bound, 'utf8'));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64url');
};

const decrypt = (key: Uint8Array, bound: string, body: string): Buffer => {
  const bytes = Buffer.from(body, 'base64url');
  // base64url has spare bits in its last character: without this check two texts would open to the same value
  if (bytes.length < 28 || bytes.toString('base64url') !== body) throw new Error('a sealed text was changed');
  const cipher = createDecipheriv('aes-256-gcm', secretKey(key), bytes.subarray(0, 12), { authTagLength: 16 })
    .setAAD(Buffer.from(bound, 'utf8'))
    .setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]);
  } catch (cause) {
    throw new Error('a sealed text was changed, or is not of this key, subject and field', { cause });
  }
};
