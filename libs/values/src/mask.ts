import { isSealed, subjectOf } from './sealed.js';

/** "Maria Lopez" → "M*** L***": the first letter of each word. */
export const maskName = (name: string): string => name.trim().split(/\s+/u).map((word) => (word === '' ? '' : `${Array.from(word)[0]}***`)).join(' ');

/** "+8613800138000" → "*** 8000": the last four digits, none if there are fewer than eight. */
export const maskPhone = (phone: string): string => {
  const digits = phone.replace(/\D/g, '');
  return digits.length === 0 ? '' : `*** ${digits.length < 8 ? '' : digits.slice(-4)}`.trim();
};

/** "maria@example.org" → "m***@example.org". */
export const maskEmail = (email: string): string => {
  const at = email.lastIndexOf('@');
  return at < 1 ? (email === '' ? '' : '***') : `${Array.from(email)[0]}***${email.slice(at)}`;
};

/** Whatever it is: an e-mail, a phone, a sealed text (its subject alone), else a name. */
export const mask = (text: string): string => {
  if (text === '') return '';
  if (isSealed(text)) return shortened(text);
  if (text.includes('@')) return maskEmail(text);
  return /^[\d\s()+.*-]{5,}$/.test(text) ? maskPhone(text) : maskName(text);
};

const personal =
  /^(?:name|full_?name|first_?name|last_?name|recipient(?:_?name)?|receiver|consignee|buyer_?name|phone(?:_?number)?|mobile|tel(?:ephone)?|e_?mail|street\d?|address(?:_?line)?_?\d?|company|tax_?id|id_?number|note|remark|buyer_?message|raw|payload|body|password|secret|token|authorization|api_?key)$/i;

const shortened = (text: string): string => `sealed.v1.${subjectOf(text)}…`;

/**
 * For logs: a copy in which the values under personal or secret names (name, phone, street, address, e-mail, token, raw …)
 * are "***", sealed texts are shortened to their subject, long texts cut, and depth and breadth bounded. Use it as
 * pino's serializer or formatter; the argument is left as it is.
 */
export const maskPersonal = <T>(value: T): T => walk(value, '', 0, new Set()) as T;

const walk = (value: unknown, key: string, depth: number, path: Set<object>): unknown => {
  if (value === null || value === undefined || value === '') return value;
  if (typeof value === 'string') {
    if (isSealed(value)) return shortened(value);
    if (personal.test(key)) return '***';
    return value.length > 2000 ? `${value.slice(0, 2000)}…` : value;
  }
  if (typeof value !== 'object') return personal.test(key) ? '***' : value;
  if (value instanceof Date) return value;
  if (value instanceof Error) return masked(value, depth, path);
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (path.has(value) || depth >= 8 || /^(?:raw|payload|body)$/i.test(key)) return '…'; // a stranger's object: its names promise nothing
  path.add(value);
  const copy = Array.isArray(value)
    ? value.slice(0, 100).map((item) => walk(item, key, depth + 1, path))
    : Object.fromEntries(Object.entries(value).slice(0, 200).map(([name, item]) => [name, walk(item, name, depth + 1, path)]));
  path.delete(value);
  return copy;
};

// An error's message was written for logs; what hangs on it (a request, a row) was not.
const masked = (error: Error, depth: number, path: Set<object>): unknown =>
  depth >= 8 || path.has(error)
    ? '…'
    : { ...(walk(Object.fromEntries(Object.entries(error)), '', depth + 1, path.add(error)) as object), type: error.constructor.name, message: error.message, stack: error.stack };
