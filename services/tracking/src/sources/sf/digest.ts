import { createHash, timingSafeEqual } from 'node:crypto';

/** `java.net.URLEncoder`: letters, digits and `. - * _` stay, a space is "+", all else is percent-encoded UTF-8. */
export const javaUrlEncode = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** base64(md5(urlencode(msgData + timestamp + checkword))), over the decoded form fields. */
export const digest = (msgData: string, timestamp: string, checkword: string): string =>
  createHash('md5').update(javaUrlEncode(`${msgData}${timestamp}${checkword}`), 'utf8').digest('base64');

/** In constant time, whatever the length of what was sent. */
export const isDigest = (sent: string, msgData: string, timestamp: string, checkword: string): boolean => {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(sent), hash(digest(msgData, timestamp, checkword)));
};
