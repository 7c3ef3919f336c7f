// A receiving stream and its handler; also for children, which have no test framework.
import type { Decider, Of } from '@flotilla/decider';
import { silentLogger } from '@flotilla/event-store';
import type { ConsumeOptions, Handler } from '../src/index.js';

type TallyCommand = { readonly type: 'Add'; readonly data: { readonly n: number } };
type TallyEvent = { readonly type: 'Added'; readonly data: { readonly n: number } };
/** The receiving stream: keeps what it was told, in order, with no guard of its own against repeats. */
export const tally: Decider<{ readonly seen: readonly number[] }, TallyCommand, TallyEvent> = {
  category: 'tally',
  initial: { seen: [] },
  evolve: (state, event) => ({ seen: [...state.seen, event.data.n] }),
  decide: (command: Of<TallyCommand, 'Add'>) => [{ type: 'Added', data: command.data }],
};

export const adding: Handler = {
  streams: (message) => [[tally, message.key]],
  handle: (message, unit) => void unit.run(tally, message.key, { type: 'Add', data: { n: (message.data as { n: number }).n } }),
};

export const seal = async (text: string): Promise<string> => `sealed.v1.spec.raw.${Buffer.from(text).toString('base64url')}`;
export const open = async (text: string): Promise<string> => Buffer.from(text.split('.').at(-1) ?? '', 'base64url').toString();

/** What `consume` needs, with the parts that a spec does not care about. */
export const consuming = (parts: Pick<ConsumeOptions, 'bus' | 'store' | 'consumer' | 'topics'> & Partial<ConsumeOptions>): ConsumeOptions => ({
  handlers: { Told: adding }, seal, open, log: silentLogger, ...parts, subscribe: { sessionTimeoutMs: 6_000, ...parts.subscribe },
});
