import { hkdfSync, randomBytes } from 'node:crypto';
import { open, seal } from '@flotilla/values';

/** The secrets with which webhooks are signed: sealed wherever they are kept, in clear in the answer that tells one. */
export interface Secrets {
  /** `whsec_` and 32 bytes in base64. */
  make(): string;
  seal(webhookId: string, secret: string): string;
  /** Throws where the fleet's key is another one now: a new secret has to be made. */
  open(sealed: string): string;
}

/** Under a key of their own, made of the fleet's (`FLOTILLA_PARKED_KEY`). */
export const createSecrets = (fleetKey: string): Secrets => {
  const key = new Uint8Array(hkdfSync('sha256', Buffer.from(fleetKey, 'base64'), '', 'flotilla webhooks', 32));
  return {
    make: () => `whsec_${randomBytes(32).toString('base64')}`,
    seal: (webhookId, secret) => seal(key, webhookId, 'text', secret),
    open: (sealed) => open(() => key, sealed) ?? '',
  };
};
