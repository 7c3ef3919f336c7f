import { kafkaClients } from '@flotilla/messaging';
import { businessClock } from '@flotilla/values';
import { z } from 'zod';

const key32 = z.string().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64');
const clock = z.string().superRefine((text, context) => {
  try {
    businessClock(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});
const address = z.string().regex(/^[^\s:]+:\d+$/, 'must be host:port');

/** What every process of ours reads that speaks to services. */
export const gatewayConfig = {
  FLOTILLA_SERVICE: z.string().optional().describe('name of the service; set by whoever starts it, for logs'),
  FLOTILLA_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).describe('port of HTTP, probes and metrics; 0 takes a free one'),
  FLOTILLA_HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  FLOTILLA_INGEST_GRPC: address.optional().describe('address of ingest'),
  FLOTILLA_ORDER_CORE_GRPC: address.optional().describe('address of order-core'),
  FLOTILLA_ALLOCATION_GRPC: address.optional().describe('address of allocation'),
  FLOTILLA_CARRIER_GRPC: address.optional().describe('address of carrier'),
  FLOTILLA_TRACKING_GRPC: address.optional().describe('address of tracking'),
  FLOTILLA_SETTLEMENT_GRPC: address.optional().describe('address of settlement'),
  FLOTILLA_ALERTS_GRPC: address.optional().describe('address of alerts'),
  FLOTILLA_CALLER_KEY_FILE: z.string().min(1).optional().describe('private key (JWK, Ed25519) that signs the calls to other services; read again when it changes'),
  FLOTILLA_SHED_AT: z.coerce.number().min(0.1).max(1).default(0.8).describe('share of what the process can do from which it refuses requests at once; 1 = it never does'),
  FLOTILLA_CLOCK: clock.optional().describe('<epoch>@<rate>: business time for demo and tests; refused in production'),
  FLOTILLA_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info').describe('least level that is logged'),
} as const satisfies z.ZodRawShape;

/** What every service reads. A service adds its own names. */
export const commonConfig = {
  ...gatewayConfig,
  FLOTILLA_GRPC_PORT: z.coerce.number().int().min(0).max(65_535).describe('port of gRPC; 0 takes a free one'),
  FLOTILLA_DATABASE_URL: z.string().url().describe('the service’s own database, as a role that may append but not rewrite'),
  FLOTILLA_MIGRATION_DATABASE_URL: z.string().url().optional().describe('the same database as its owner; without it migrations must have run before'),
  FLOTILLA_READER_ROLE: z.string().default('flotilla_verify').describe('role that may read everything, for verify'),
  FLOTILLA_DATABASE_POOL: z.coerce.number().int().min(6).max(100).default(12).describe('connections to the database; held for good: one for leadership, one for the workers, one per kind of work'),
  FLOTILLA_KAFKA_BROKERS: z.string().min(1).describe('host:port, separated by commas'),
  FLOTILLA_KAFKA_USER: z.string().min(1).optional().describe('as whom to log in to Kafka, by SCRAM-SHA-512; its access lists are those of deploy/tasks/kafka-access.json'),
  FLOTILLA_KAFKA_PASSWORD: z.string().min(1).optional().describe('the password of that user'),
  FLOTILLA_KAFKA_TLS: z.stringbool().default(false).describe('speak TLS with Kafka; a private authority is named by NODE_EXTRA_CA_CERTS'),
  FLOTILLA_KAFKA_CLIENT: z.enum(kafkaClients).default('kafkajs').describe('which client speaks to Kafka; replicas of a service may differ'),
  FLOTILLA_KAFKA_SESSION_SECONDS: z.coerce.number().min(6).max(300).default(15).describe('how long a consumer group waits for a member that fell silent; a killed process is replaced after that'),
  FLOTILLA_ACCESS_FILE: z.string().min(1).optional().describe('who may call over gRPC: public keys of services and hashes of API keys; read again when it changes'),
  FLOTILLA_SANDBOX_URL: z.string().url().optional().describe('the sandbox that plays platforms and carriers; never in production'),
  FLOTILLA_INDEX_KEY: key32.optional().describe('key of the search index over phones and e-mail addresses'),
  FLOTILLA_PARKED_KEY: key32.describe('seals messages that could not be handled, until a person has looked at them'),
  FLOTILLA_REFLECTION: z.stringbool().default(true).describe('serve gRPC reflection; off in production'),
  FLOTILLA_ANCHOR_SECONDS: z.coerce.number().positive().max(86_400).default(3_600).describe('how often the head of the log is anchored on Kafka'),
} as const satisfies z.ZodRawShape;

export type GatewayConfig = z.infer<z.ZodObject<typeof gatewayConfig>>;
export type CommonConfig = z.infer<z.ZodObject<typeof commonConfig>>;

/** A configuration that cannot be used; the message names every fault and what would be right. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
}

/**
 * Reads and checks the environment. Names that start with FLOTILLA_ and are not known are refused: most are misspelt. An
 * empty value is none, as charts and compose files write it.
 */
export const readConfig = <Shape extends z.ZodRawShape, Common extends z.ZodRawShape = typeof commonConfig>(
  env: Readonly<Record<string, string | undefined>>,
  shape: Shape,
  common: Common = commonConfig as unknown as Common,
): z.infer<z.ZodObject<Common>> & z.infer<z.ZodObject<Shape>> => {
  const all = { ...common, ...shape };
  const unknown = Object.keys(env).filter((name) => name.startsWith('FLOTILLA_') && !name.startsWith('FLOTILLA_TEST_') && !(name in all));
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => name in all && value !== undefined && value !== ''));
  const parsed = z.object(all).safeParse(given);
  const faults = [
    ...unknown.map((name) => `${name}: not known here`),
    ...(parsed.error?.issues.map(({ path: [name = ''], message }) => {
      const meaning = (all as z.ZodRawShape)[name as string] as z.ZodType | undefined;
      return String(name) in given ? `${String(name)}: ${message}` : `${String(name)}: not set${meaning?.description ? ` (${meaning.description})` : ''}`;
    }) ?? []),
  ];
  if (faults.length > 0 || !parsed.success) throw new BadConfiguration(`The configuration cannot be used:\n  ${faults.join('\n  ')}`);
  return parsed.data as unknown as z.infer<z.ZodObject<Common>> & z.infer<z.ZodObject<Shape>>;
};
