import { createHmac, hkdfSync } from 'node:crypto';
import { secretKey, unwrapKey, wrapKey } from '@flotilla/values';

/** What is derived from the key-encryption key, each for one purpose. */
export interface Secrets {
  /** Seals a channel's secret or token, bound to channel and kind; "" stays "". */
  sealSetting(channel: string, kind: 'secret' | 'token', text: string): string;
  openSetting(channel: string, kind: 'secret' | 'token', sealed: string): string;
  /** Tells whether two texts are the same without showing either; "" for "". */
  fingerprint(purpose: 'secret' | 'token' | 'content' | 'buyer', text: string): string;
}

export const secretsOf = (kek: Uint8Array): Secrets => {
  const marks = Buffer.from(hkdfSync('sha256', kek, '', 'flotilla ingest fingerprints', 32));
  return {
    sealSetting: (channel, kind, text) => (text === '' ? '' : wrapKey(kek, `channel ${kind} ${channel}`, Buffer.from(text))),
    openSetting: (channel, kind, sealed) => (sealed === '' ? '' : Buffer.from(unwrapKey(kek, `channel ${kind} ${channel}`, sealed)).toString()),
    fingerprint: (purpose, text) => (text === '' ? '' : createHmac('sha256', secretKey(marks)).update(`${purpose}:`).update(text).digest('base64url').slice(0, 22)),
  };
};
