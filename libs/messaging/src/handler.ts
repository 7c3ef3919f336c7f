import type { Task, Unit } from '@flotilla/event-store';
import type { Incoming } from './cloud-events.js';

/** What a service does about one type of message. It decides; reading and writing is the event store's. */
export interface Handler {
  /** `false`: not for this service, and passed over like a type without a handler. By the message alone, so that nothing has to be read for it. */
  readonly wants?: (message: Incoming) => boolean;
  /** The streams that `handle` will need, so that a chunk's are loaded in one query. `prepared`: what the consumer prepared for the message. */
  readonly streams?: (message: Incoming, prepared?: unknown) => Task['streams'];
  /** Synchronous, and may run again. Whatever it throws is judged by the policy; `unit.run` drops repeats. */
  readonly handle: (message: Incoming, unit: Unit, prepared: unknown) => void;
}
