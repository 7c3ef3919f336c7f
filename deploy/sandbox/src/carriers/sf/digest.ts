import { createHash } from 'node:crypto';

/** Java's URLEncoder: space is `+`, `*` stays, all else that encodeURIComponent leaves is encoded. */
export const javaUrlEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`).replaceAll('%20', '+');

/** SF's `msgDigest`: base64(md5(urlencode(msgData + timestamp + checkword))). */
export const digestOf = (msgData: string, timestamp: string, checkword: string): string =>
  createHash('md5').update(javaUrlEncode(msgData + timestamp + checkword)).digest('base64');
