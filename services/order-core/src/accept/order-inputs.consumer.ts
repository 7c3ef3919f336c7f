import { parseMessage, topics, type ingest } from '@flotilla/contracts';
import type { Handler, Incoming } from '@flotilla/messaging';
import type { ServiceConsumer, ServiceContext } from '@flotilla/service-kit';
import { inputs, subjectOf, type InputName, type Terms } from '../coordinate/inputs.js';
import { noteFacts, notes, type NoteName } from '../coordinate/notes.js';
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

const noting = (type: NoteName): Handler => {
  const factsOf = notes[type] as (data: unknown) => readonly DossierEvent[];
  return {
    // Its dossiers are found when the message has been read: one of a wrong shape parks there.
    streams: ({ data }: Incoming) => {
      try {
        return factsOf(parseMessage(type, data)).map((fact) => [dossier, dossierOf(fact)]);
      } catch {
        return [];
      }
    },
    handle: ({ data }, unit) => noteFacts(unit, factsOf(parseMessage(type, data))),
  };
};

/** Everything that order-core listens to, in one group: the same member has a key's partition of every topic. */
export const orderInputs = (ctx: Pick<ServiceContext, 'store' | 'open' | 'log'>, terms: () => Terms): ServiceConsumer => ({
  name: 'order-core',
  topics: [topics.ingest, topics.allocation, topics.parcel, topics.tracking, topics.settlement, topics.alerts],
  prepare: sameWords(ctx),
  handlers: {
    ...Object.fromEntries((Object.keys(inputs) as InputName[]).map((type) => [type, handler(type, terms)])),
    ...Object.fromEntries((Object.keys(notes) as NoteName[]).map((type) => [type, noting(type)])),
  },
});
