import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const channel = z.looseObject({ id: z.string().min(1), platform: z.string(), secret: z.string().default(''), appKey: z.string().default('') });

export interface Config {
  httpPort: number;
  smtpPort: number;
  channels: readonly z.infer<typeof channel>[];
  brokers: readonly string[];
  clock: string;
  ingestUrl: string;
  trackingUrl: string;
  allocationUrl: string;
  sfPartner: string;
  sfCheckword: string;
  kdniaoBusinessId: string;
  kdniaoAppKey: string;
  topAppKey: string;
  topAppSecret: string;
  wmsKey: string;
  wmsSecret: string;
  shopifyRateScale: number;
}

const port = (otherwise: number) => z.coerce.number().int().min(0).max(65_535).default(otherwise);
const url = (otherwise: string) => z.string().default(otherwise).transform((text) => text.replace(/\/$/, ''));

const environment = z.object({
  FLOTILLA_HTTP_PORT: port(8110),
  FLOTILLA_SMTP_PORT: port(8111),
  FLOTILLA_CHANNELS_FILE: z.string().optional(),
  FLOTILLA_KAFKA_BROKERS: z.string().default(''),
  FLOTILLA_CLOCK: z.string().default(''),
  FLOTILLA_INGEST_URL: url('http://127.0.0.1:8101'),
  FLOTILLA_TRACKING_URL: url('http://127.0.0.1:8105'),
  FLOTILLA_ALLOCATION_URL: url('http://127.0.0.1:8103'),
  // Not secrets: this world exists on one machine, for demos and tests.
  FLOTILLA_SF_PARTNER: z.string().default('FLOTILLA'),
  FLOTILLA_SF_CHECKWORD: z.string().default('sandbox-checkword'),
  FLOTILLA_KDNIAO_BUSINESS_ID: z.string().default('FLOTILLA'),
  FLOTILLA_KDNIAO_APP_KEY: z.string().default('sandbox-app-key'),
  FLOTILLA_TOP_APP_KEY: z.string().default('12345678'),
  FLOTILLA_TOP_APP_SECRET: z.string().default('sandbox-top-secret'),
  FLOTILLA_WMS_KEY: z.string().default('flotilla'),
  FLOTILLA_WMS_SECRET: z.string().default('sandbox-wms-secret'),
  FLOTILLA_SHOPIFY_RATE_SCALE: z.coerce.number().positive().default(20),
});

/** The sandbox's configuration from its environment; throws with one sentence per mistake. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const read = environment.safeParse(env);
  if (!read.success) throw new Error(`the sandbox cannot start:\n${z.prettifyError(read.error)}`);
  const it = read.data;
  const channels = it.FLOTILLA_CHANNELS_FILE === undefined ? [] : z.array(channel).parse(JSON.parse(readFileSync(it.FLOTILLA_CHANNELS_FILE, 'utf8')));
  return {
    httpPort: it.FLOTILLA_HTTP_PORT, smtpPort: it.FLOTILLA_SMTP_PORT, channels, brokers: it.FLOTILLA_KAFKA_BROKERS.split(',').filter((broker) => broker !== ''), clock: it.FLOTILLA_CLOCK,
    ingestUrl: it.FLOTILLA_INGEST_URL, trackingUrl: it.FLOTILLA_TRACKING_URL, allocationUrl: it.FLOTILLA_ALLOCATION_URL, wmsKey: it.FLOTILLA_WMS_KEY, wmsSecret: it.FLOTILLA_WMS_SECRET, sfPartner: it.FLOTILLA_SF_PARTNER, sfCheckword: it.FLOTILLA_SF_CHECKWORD,
    kdniaoBusinessId: it.FLOTILLA_KDNIAO_BUSINESS_ID, kdniaoAppKey: it.FLOTILLA_KDNIAO_APP_KEY, topAppKey: it.FLOTILLA_TOP_APP_KEY, topAppSecret: it.FLOTILLA_TOP_APP_SECRET, shopifyRateScale: it.FLOTILLA_SHOPIFY_RATE_SCALE,
  };
}
