import { setImmediate } from 'node:timers/promises';
import { Refused } from '@flotilla/decider';
import type { Task } from '@flotilla/event-store';
import { orderIdOf, subjectIdOf, uuidv5 } from '@flotilla/values';
import type { Platform, Reading, Said } from '../channels/platform.js';
import { channelOrder, type Outcome, type Reread } from '../decide/channel-order.decider.js';
import type { Delivery } from '../decide/channel-order.events.js';
import type { Secrets } from '../keys/secrets.js';
import type { SubjectKeyRing } from '../keys/subject-keys.js';
import type { ConnectedChannel } from './connected-channels.js';
import { understood } from '../standardise/order.js';
import type { RemarkReader } from '../standardise/remarks.js';
import { byDefault } from './remark-rules.js';
import { contentText, sealOrder } from './sealing.js';
import { sealRaw } from './raw.js';
import { quarantinedOf, receive, streamsOf, type Accepted } from '../coordinate/receiving.js';
import { asksMap } from '../coordinate/skus.js';

/** A message as it came in, before anything is known of it. */
export interface Arrival {
  readonly channel: string;
  /** `undefined`: no such channel is connected. */
  readonly connected: ConnectedChannel | undefined;
  readonly platform: Platform | undefined;
  readonly deliveryId: string;
  readonly source: Delivery['source'];
  readonly topic: string;
  readonly sentAt: string;
  readonly receivedAt: string;
  readonly body: Uint8Array;
}

// Longer texts cannot be sealed.
const largestSealed = 64 * 1024;

interface Owned {
  readonly reading: Reading;
  readonly orderId: string;
  readonly deliveryId: string;
  readonly subject: string;
}

// What is read in one turn of the process.
const portionBytes = 64 * 1024;

const portions = (arrivals: readonly Arrival[]): readonly (readonly Arrival[])[] => {
  const found: Arrival[][] = [];
  let size = portionBytes;
  for (const arrival of arrivals) {
    if (size >= portionBytes) [size] = [0, found.push([])];
    found.at(-1)!.push(arrival);
    size += arrival.body.length;
  }
  return found;
};

/** From bytes to sealed commands, many at once: reading is pure, keys are made in bulk, and nothing clear leaves here. */
export class Deliveries {
  constructor(
    private readonly keys: Pick<SubjectKeyRing, 'ensure'>,
    private readonly secrets: Secrets,
    private readonly index: (kind: 'phone' | 'email', value: string) => string,
    private readonly remarks: () => Promise<RemarkReader> = byDefault,
  ) {}

  /**
   * One list per arrival: a body may hold several orders, each of which is a delivery. Refused SUBJECT_ERASED, unless `withErased`: then what is of an erased
   * person is kept without its content, as a failure, and holds up no other.
   */
  async accept(arrivals: readonly Arrival[], { withErased = false } = {}): Promise<readonly (readonly Accepted[])[]> {
    const read: (readonly Owned[])[] = [];
    for (const some of portions(arrivals)) {
      // Reading takes the process for itself: whoever else it serves comes in between.
      if (read.length > 0) await setImmediate();
      read.push(...(await Promise.all(some.map(async (arrival) => (await this.read(arrival)).map((reading, at) => this.owned(arrival, reading, at === 0 ? arrival.deliveryId : `${arrival.deliveryId}/${at}`))))));
    }
    return this.sealing(arrivals, read, withErased);
  }

  /** One that cannot be taken at all, kept whole with the reason. */
  async unreadable(arrival: Arrival, { channelOrderId, reason, detail }: { readonly channelOrderId: string; readonly reason: string; readonly detail: string }): Promise<Accepted> {
    const owned = this.owned(arrival, { channelOrderId, kind: 'announce', buyer: '', said: { as: 'failure', reason, detail } }, arrival.deliveryId);
    return (await this.sealing([arrival], [[owned]]))[0]![0]!;
  }

  /**
   * What a delivery says, sealed for the same stream: of a replay, where the delivery itself is recorded already. `accepted`: several if it named no order
   * and holds many, each of which is a delivery of its own from now on.
   */
  async reread(arrival: Arrival, delivery: Pick<Delivery, 'orderId' | 'channelOrderId'>): Promise<{ readonly orderId: string; readonly reread: Reread; readonly accepted: readonly [Accepted, ...Accepted[]] }> {
    const readings = await this.read(arrival);
    const owned =
      readings.length > 1 && delivery.channelOrderId === ''
        ? readings.map((reading, at) => this.owned(arrival, reading, `${arrival.deliveryId}/${at}`))
        : readings.map((reading) => this.owned(arrival, reading, arrival.deliveryId)).filter(({ orderId }) => readings.length === 1 || orderId === delivery.orderId).slice(0, 1);
    const [one, ...others] = (await this.sealing([arrival], [owned]))[0]!;
    if (one === undefined) throw new Refused('BAD_REQUEST', 'a replay takes one order; put one into the corrected payload');
    return { orderId: one.delivery.orderId, reread: { deliveryId: arrival.deliveryId, source: arrival.source, sentAt: arrival.sentAt, outcome: one.outcome }, accepted: [one, ...others] };
  }

  private async read(arrival: Arrival): Promise<readonly Reading[]> {
    const { platform, topic, body } = arrival;
    if (platform === undefined) {
      return [{ channelOrderId: '', kind: 'announce', buyer: '', said: { as: 'failure', reason: 'UNKNOWN_CHANNEL', detail: 'no such channel is connected; connect it with Channels/Connect and replay this' } }];
    }
    const mapping = arrival.connected?.mapping;
    const readings = await platform.read({ topic, body, receivedAt: arrival.receivedAt, ...(mapping === undefined ? {} : { mapping }) });
    if (arrival.connected !== undefined) return readings;
    return readings.map((reading) => ({ ...reading, said: { as: 'failure', reason: 'UNKNOWN_CHANNEL', detail: `the channel "${arrival.channel}" is not connected; connect it with Channels/Connect and replay this` } }));
  }

  private owned({ channel }: Arrival, reading: Reading, deliveryId: string): Owned {
    // What names no order gets a stream of its own, from the delivery.
    const orderId = reading.channelOrderId === '' ? uuidv5(orderIdOf(channel, ''), deliveryId) : orderIdOf(channel, reading.channelOrderId);
    return { reading, orderId, deliveryId, subject: subjectIdOf(channel, this.secrets.fingerprint('buyer', reading.buyer === '' ? `order:${orderId}` : reading.buyer)) };
  }

  private async sealing(arrivals: readonly Arrival[], read: readonly (readonly Owned[])[], withErased = false): Promise<readonly (readonly Accepted[])[]> {
    const subjects = read.flat().map(({ subject }) => subject);
    const [keys, remarks] = await Promise.all([withErased ? this.keysOfAll(subjects) : this.keys.ensure(subjects), this.remarks()]);
    return read.map((owned, at) => owned.map((one) => this.sealed(arrivals[at]!, one, keys.get(one.subject), remarks)));
  }

  /** `undefined` for those who were erased, which is found out one by one once it is known that there are any. */
  private async keysOfAll(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | undefined>> {
    const erased = (error: unknown): undefined => {
      if (error instanceof Refused && error.reason === 'SUBJECT_ERASED') return undefined;
      throw error;
    };
    const found = await this.keys.ensure(subjects).catch(erased);
    return found ?? new Map(await Promise.all([...new Set(subjects)].map(async (subject) => [subject, (await this.keys.ensure([subject]).catch(erased))?.get(subject)] as const)));
  }

  private sealed(arrival: Arrival, { reading, orderId, deliveryId, subject }: Owned, key: Uint8Array | undefined, remarks: RemarkReader): Accepted {
    const { channel, source, topic, sentAt, receivedAt, body } = arrival;
    const { channelOrderId, kind } = reading;
    const outcome = key === undefined ? withoutPerson(reading.said) : this.outcome(arrival, reading, { orderId, subject, key }, remarks);
    return {
      delivery: { orderId, channel, channelOrderId, deliveryId, kind, source, topic, sentAt, receivedAt, raw: key === undefined ? [] : sealRaw(key, subject, reading.body ?? body) },
      outcome,
      asksMap: asksMap(arrival.connected?.hasSkuMap ?? false, outcome),
    };
  }

  private outcome({ channel, connected }: Arrival, { said, channelOrderId }: Reading, { orderId, subject, key }: { orderId: string; subject: string; key: Uint8Array }, remarks: RemarkReader): Outcome {
    if (said.as !== 'order') return said;
    const tooLarge = (detail: string): Outcome => ({ as: 'failure', reason: 'TOO_LARGE', detail, facts: said.facts });
    // Made of several of the platform's; any other text is shorter than that.
    const { street, name } = said.order.shipTo;
    if ([street, name].some((text) => Buffer.byteLength(text) > largestSealed)) return tooLarge('the recipient’s street or name has more than 64 KiB');
    const order = sealOrder(said.order, { orderId, channel, platform: connected?.platform ?? '', channelOrderId, subject, key, index: this.index }, understood(said.order, remarks));
    return { as: 'order', order, fingerprint: this.secrets.fingerprint('content', contentText(said.order)), facts: said.facts, ...(said.left === undefined ? {} : { left: said.left }) };
  }
}

// A payment, a cancellation and a refund name nobody.
const withoutPerson = (said: Said): Outcome => (said.as === 'order' ? { as: 'failure', reason: 'SUBJECT_ERASED', detail: 'this person’s data was erased; nothing can be added to it', facts: said.facts } : said);

/** The task that records what was accepted. */
export const recording = (accepted: readonly Accepted[], meta: Task['meta']): Task<readonly { orderId: string; state: 'PLACED' | 'PARKED'; reason: string }[]> => ({
  streams: accepted.flatMap(streamsOf),
  meta,
  ...(accepted[0] ? { continues: [channelOrder, accepted[0].delivery.orderId] as const } : {}),
  decide: (unit) =>
    accepted.map((one) => {
      const { delivery, outcome } = one;
      const why = quarantinedOf(receive(unit, one))?.reason ?? (outcome.as === 'failure' ? outcome.reason : 'PARKED');
      const { parked, quarantined } = unit.state(channelOrder, delivery.orderId);
      const waits = parked !== null || quarantined.includes(delivery.deliveryId);
      return { orderId: delivery.orderId, state: waits ? 'PARKED' : 'PLACED', reason: waits ? why : '' };
    }),
});
