import type { ServiceContext } from '@flotilla/service-kit';
import { z } from 'zod';
import { createGuard, networksOf, type Guard, type Networks } from './guard.js';
import { createSecrets, type Secrets } from './secrets.js';

const networks = z.string().superRefine((text, context) => {
  try {
    networksOf(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'must be networks such as 10.20.0.0/16,fd00:1::/64' });
  }
});

export const webhookConfig = {
  FLOTILLA_WEBHOOK_NETWORKS: networks.default('').describe('networks of our own to which webhooks may go, also by http: 10.20.0.0/16,fd00:1::/64; without it they go to public addresses alone, by https'),
  FLOTILLA_WEBHOOK_PATIENCE_HOURS: z.coerce.number().positive().max(720).default(72).describe('how long a webhook may take nothing of what it is sent until it is disabled'),
};

/** What webhooks are sent with. */
export const connectWebhooks = ({ config }: ServiceContext<{ readonly FLOTILLA_WEBHOOK_NETWORKS: string; readonly FLOTILLA_WEBHOOK_PATIENCE_HOURS: number }>): { readonly guard: Guard; readonly secrets: Secrets; readonly networks: Networks; readonly patienceMs: number } => {
  const own = networksOf(config.FLOTILLA_WEBHOOK_NETWORKS);
  return { guard: createGuard(own), secrets: createSecrets(config.FLOTILLA_PARKED_KEY), networks: own, patienceMs: config.FLOTILLA_WEBHOOK_PATIENCE_HOURS * 3_600_000 };
};
