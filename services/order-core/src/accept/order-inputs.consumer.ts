import { parseMessage, topics } from '@flotilla/contracts';
import type { Handler, Incoming } from '@flotilla/messaging';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { inputs, subjectOf, type InputName, type Terms } from '../coordinate/inputs.js';
import type { Unit } from '@flotilla/event-store';
import { fulfilment } from '../decide/fulfilment.decider.js';
import { order } from '../decide/order.decider.js';

const handler = (type: InputName, terms: () => Terms): Handler => ({
  streams: ({ data }: Incoming) => {
    const id = subjectOf(data);
    // A message without an id parks where it is read, not where its streams are loaded.
    return id === '' ? [] : [[order, id], [fulfilment, id]];
  },
  handle: ({ data }, unit) => {
    const apply = inputs[type] as (unit: Unit, data: unknown, terms: Terms) => void;
    apply(unit, parseMessage(type, data), terms());
  },
});

/** Everything that order-core listens to, in one group: the same member has a key's partition of every topic. */
export const orderInputs = (terms: () => Terms): ServiceConsumer => ({
  name: 'order-core',
  topics: [topics.ingest, topics.allocation, topics.parcel, topics.tracking, topics.settlement],
  handlers: Object.fromEntries((Object.keys(inputs) as InputName[]).map((type) => [type, handler(type, terms)])),
});
