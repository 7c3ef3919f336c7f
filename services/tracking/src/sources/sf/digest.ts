import { createHash } from 'node:crypto';
import { isSame } from '../reading.js';

/** `java.net.URLEncoder`: letters, digits and `. - * _` stay, a space is "+", all else is percent-encoded UTF-8. */
export const javaUrlEncode = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** base64(md5(urlencode(msgData + timestamp + checkword))), over the decoded form fields. */
export const digest = (msgData: string, timestamp: string, checkword: string): string =>
  createHash('md5').update(javaUrlEncode(`${msgData}${timestamp}${checkword}`), 'utf8').digest('base64');

export const isDigest = (sent: string, msgData: string, timestamp: string, checkword: string): boolean => isSame(sent, digest(msgData, timestamp, checkword));
