import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSink, startStack, type SinkSpan, type Stack } from '@flotilla/tasks';
import type { Args } from './args.ts';
import { sail, type Voyage } from './voyage.ts';

/** A fleet of its own on free ports, with servers, sandbox and a sink for spans, for one spec. */
export interface TestFleet {
  readonly dir: string;
  readonly stack: Stack;
  readonly leaseSeconds: number;
  sail(args: Partial<Args>): Promise<Voyage>;
  spans(): Promise<readonly SinkSpan[]>;
  logs(): string;
  stop(): Promise<void>;
}

/** Business hours pass in a second. Leases are shorter than the 30 s of production, so that one can run out in a demo. */
export const leaseSeconds = 6;
export const demoEnv = {
  extraEnv: {
    'order-core': { FLOTILLA_PAYMENT_MINUTES: '240', FLOTILLA_RETURN_DAYS: '1' },
    // The whole lock protocol over Kafka, as with ledgers elsewhere: this is where leases run out and answers are lost.
    allocation: { FLOTILLA_ALLOCATION_LEASE_SECONDS: String(leaseSeconds), FLOTILLA_ALLOCATION_AT_HAND: 'false' },
  },
  // Nothing is shed: a machine that is busy with all of this would refuse what is counted here. `bench -- shedding` is about that.
  everyEnv: { FLOTILLA_ANCHOR_SECONDS: '5', FLOTILLA_KAFKA_SESSION_SECONDS: '6', FLOTILLA_SHED_AT: '1' },
} as const;
export const clockRate = 3_600;

/**
 * `rate`: business seconds per second; parcels travel for days. `otlp`: where spans go instead of the sink, as through a collector that hands them on to
 * it. `secured`: a broker with users and access lists. `console`: with the console, too.
 */
export const startTestFleet = async ({
  rate = clockRate, otlp, everyEnv = {}, secured = false, console = false,
}: { readonly rate?: number; readonly otlp?: (sink: string) => Promise<string>; readonly everyEnv?: Readonly<Record<string, string>>; readonly secured?: boolean; readonly console?: boolean } = {}): Promise<TestFleet> => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-fleet-'));
  chmodSync(dir, 0o755); // Postgres runs as another user where the test is root
  const sink = await startSink({ file: join(dir, 'spans.ndjson') });
  const stack = await startStack({ dir, ports: 'free', secured, console, clock: `${Date.now()}@${rate}`, otlp: (await otlp?.(sink.endpoint)) ?? sink.endpoint, ...demoEnv, everyEnv: { ...demoEnv.everyEnv, ...everyEnv } });
  return {
    dir,
    stack,
    leaseSeconds,
    sail: (args) => sail({ stack, leaseSeconds, say: () => undefined, args: { orders: 1, rate: 20, seed: 7, once: true, calm: true, json: undefined, ...args } }),
    spans: async () => sink.spans(),
    logs: () => [...Object.keys(stack.run.http), 'sandbox', ...(stack.console ? ['console'] : [])].map((name) => readFileSync(join(dir, 'logs', `${name}.log`), 'utf8')).join('\n'),
    stop: async () => {
      await stack.stop();
      await sink.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
