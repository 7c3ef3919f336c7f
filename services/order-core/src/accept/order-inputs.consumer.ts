import { parseMessage, topics, type ingest } from '@flotilla/contracts';
import { defaultPolicy, isTransient, type Handler, type Incoming, type PolicyFunction } from '@flotilla/messaging';
import type { ServiceConsumer, ServiceContext } from '@flotilla/service-kit';
import { inputs, subjectOf, type InputName, type Terms } from '../coordinate/inputs.js';
import { isOrdersOwn, noteFacts, notes, type NoteName } from '../coordinate/notes.js';
import type { Unit } from '@flotilla/event-store';
import { dossier, dossierOf, type DossierEvent } from '../decide/dossier.decider.js';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { order } from '../decide/order.decider.js';
import { sameWords } from './same-words.js';

const handler = (type: InputName, terms: () => Terms): Handler => ({
  streams: ({ data }: Incoming) => {
    const id = subjectOf(data);
    // A message without an id parks where it is read, not where its streams are loaded.
    return id === '' ? [] : [[order, id], [fulfilment, id]];
  },
  handle: ({ data }, unit, comparable) => {
    const apply = inputs[type] as (unit: Unit, data: unknown, terms: Terms) => void;
    const known = comparable as ingest.ChannelOrder | undefined;
    apply(unit, parseMessage(type, known ? { order: known } : data), terms());
  },
});

/** What a message says, read once: its streams and its handling ask the same. */
const read = new WeakMap<Incoming, readonly DossierEvent[]>();

const noting = (type: NoteName): Handler => {
  const factsOf = notes[type] as (data: unknown) => readonly DossierEvent[];
  const factsIn = (message: Incoming): readonly DossierEvent[] => {
    const facts = read.get(message) ?? factsOf(parseMessage(type, message.data));
    read.set(message, facts);
    return facts;
  };
  return {
    // By the fields alone: of a SKU's or a warehouse's incident nothing is to be noted, and nothing written.
    wants: ({ data }: Incoming) => !type.startsWith('flotilla.alerts.') || isOrdersOwn(data),
    // Its dossiers are found when the message has been read: one of a wrong shape fails there.
    streams: (message: Incoming) => {
      try {
        return factsIn(message).map((fact) => [dossier, dossierOf(fact)]);
      } catch {
        return [];
      }
    },
    handle: (message, unit) => noteFacts(unit, factsIn(message)),
  };
};

/** What is only shown must not stop what matters: parked, it would have everything of its order wait behind it. */
export const policy: PolicyFunction = (error, message) => (Object.hasOwn(notes, message.type) && !isTransient(error) ? 'skip' : defaultPolicy(error, message));

/** Everything that order-core listens to, in one group: the same member has a key's partition of every topic. */
export const orderInputs = (ctx: Pick<ServiceContext, 'store' | 'open' | 'log'>, terms: () => Terms): ServiceConsumer => ({
  name: 'order-core',
  topics: [topics.ingest, topics.allocation, topics.parcel, topics.tracking, topics.settlement, topics.alerts],
  prepare: sameWords(ctx),
  policy,
  handlers: {
    ...Object.fromEntries((Object.keys(inputs) as InputName[]).map((type) => [type, handler(type, terms)])),
    ...Object.fromEntries((Object.keys(notes) as NoteName[]).map((type) => [type, noting(type)])),
  },
});
