import type { JWK } from 'jose';
import kafkajs, { type Producer } from 'kafkajs';
import './kafka-patch.js';
import { sleep } from '../clock.js';
import { SENDING, type Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ChannelOrderSubmitted } from './submitted.js';

export const TOPIC = 'channel-orders.v1';

/** Publishes orders as a connector of someone else would: with its own client, knowing the topic and the schema only. */
export class Publisher {
  readonly #producer: Producer | undefined;
  #stopped = new AbortController();
  #closed = false;
  #connected: Promise<void> | undefined;
  #key: Promise<JWK> | undefined;

  constructor(private readonly options: { brokers: readonly string[]; ingestUrl: string; ledger: Ledger; faults: Faults }) {
    if (options.brokers.length === 0) return;
    const kafka = new kafkajs.Kafka({ clientId: 'sandbox-connector', brokers: [...options.brokers], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 3 } });
    // The default since kafkajs 2 is Java's murmur2: the same order always goes to the same partition as everyone else's.
    this.#producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
  }

  get usable(): boolean {
    return this.#producer !== undefined;
  }

  /** ingest's public key for personal data; asked for until it answers, then kept. */
  key(): Promise<JWK> {
    const { signal } = this.#stopped;
    const ask = async (): Promise<JWK> => {
      for (;;) {
        signal.throwIfAborted();
        try {
          const response = await fetch(`${this.options.ingestUrl}/v1/keys`, { signal: AbortSignal.timeout(3_000) });
          const { keys } = (await response.json()) as { keys?: JWK[] };
          if (response.ok && keys?.[0] !== undefined) return keys[0];
        } catch {
          // Not up yet.
        }
        await sleep(300, signal);
      }
    };
    const forget = (): void => void (this.#key = undefined);
    if (this.#key === undefined) (this.#key = ask()).catch(forget);
    return this.#key;
  }

  /** Publishes until the broker has it; the id stays the same. Resolves to false if publishing was stopped before. */
  async publish(message: { id: string; data: ChannelOrderSubmitted; time: string; garbage?: boolean }): Promise<boolean> {
    const { id, data, time } = message;
    const { signal } = this.#stopped;
    const fault = this.options.faults.strike('topic', 'ChannelOrderSubmitted', SENDING, data.channelOrderId);
    if (fault?.kind === 'slow') await sleep(fault.ms ?? 1_000, signal);
    if (fault?.kind === 'reorder') await sleep(500, signal);
    const twice = fault?.kind === 'duplicate' || fault?.kind === 'timeout-after-effect' || fault?.kind === 'reset';
    const once = {
      key: `${data.channel}/${data.channelOrderId}`,
      value: JSON.stringify(data),
      headers: {
        ce_specversion: '1.0', ce_id: id, ce_source: `connector/${data.channel}`, ce_type: 'flotilla.connector.v1.ChannelOrderSubmitted', ce_time: time, ce_subject: data.channelOrderId,
        'content-type': 'application/json',
      },
    };
    const note = (status: string): void =>
      void this.options.ledger.note({
        world: 'connector', direction: 'out', kind: 'ChannelOrderSubmitted', channel: data.channel, orderId: data.channelOrderId, deliveryId: id, status, announcement: true, way: 'TOPIC',
        garbage: message.garbage ?? false,
      });
    for (;;) {
      if (signal.aborted || this.#producer === undefined) return false;
      try {
        await (this.#connected ??= this.#producer.connect());
        await this.#producer.send({ topic: TOPIC, acks: -1, messages: twice ? [once, once] : [once] });
        for (const _ of twice ? [1, 2] : [1]) note('accepted');
        return true;
      } catch {
        note('no answer');
        this.#connected = undefined;
        await sleep(500, signal);
      }
    }
  }

  /** Gives up on everything that is being published; what comes later is published. */
  giveUp(): void {
    this.#stopped.abort();
    if (!this.#closed) this.#stopped = new AbortController();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.giveUp();
    await this.#producer?.disconnect();
  }
}
