import type { Recorded, Source } from '@flotilla/event-store';
import { storableText } from './storable-text.js';
import type { BusMessage, BusRecord, TopicPartition } from './bus.js';

/** What an event says to others. Its CloudEvent has the id `<event id>/<index>`, the event's stream and version. */
export interface Published {
  readonly topic: string;
  readonly key: string;
  readonly type: string;
  readonly data: unknown;
}

/** A message as handlers see it. */
export interface Incoming extends TopicPartition {
  readonly offset: number;
  readonly key: string;
  readonly id: string;
  /** What a receiving stream compares to drop a repeat. */
  readonly source: Source;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly correlation: string;
  readonly causation: string;
  readonly traceparent?: string;
  readonly data: unknown;
}

/** A message that is no CloudEvent in binary mode with JSON: no handler can have it. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
}

/** CloudEvents 1.0, binary mode. The `traceparent` is the one stored with the event: its creation context, not the sender's. */
export const toBusMessage = (event: Recorded, { topic, key, type, data }: Published, index: number): BusMessage => ({
  topic,
  key,
  value: JSON.stringify(data) ?? 'null',
  headers: {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: `${event.id}/${index}`,
    ce_source: event.stream,
    ce_type: type,
    ce_time: event.recordedAt,
    ce_subject: key,
    sequence: String(event.version),
    correlation: event.meta.correlation,
    causation: event.meta.causation,
    chainhash: event.hash,
    ...(event.meta.traceparent === undefined ? {} : { traceparent: event.meta.traceparent }),
  },
});

/** Throws `BadMessage`. Data is parsed, not validated: that is the handler's `parseMessage`. */
export const toIncoming = ({ topic, partition }: TopicPartition, record: BusRecord): Incoming => {
  const { offset, key, value } = record;
  // Cleaned at the door: they go into the meta of events, and a header that Postgres refuses would refuse parking too.
  const headers: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(record.headers).map(([name, text]) => [name, storableText(text, 500)]));
  const type = headers['ce_type'];
  if (type === undefined || type === '') throw new BadMessage('the header ce_type is missing');
  if (headers['ce_specversion'] !== undefined && !headers['ce_specversion'].startsWith('1.')) throw new BadMessage(`CloudEvents ${headers['ce_specversion']} is not known`);
  const id = headers['ce_id'] ?? `${topic}/${partition}/${offset}`;
  let data: unknown;
  try {
    data = value === null ? null : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (cause) {
    throw new BadMessage('the value is not JSON in UTF-8', { cause });
  }
  const { traceparent } = headers;
  return {
    topic,
    partition,
    offset,
    key,
    id,
    source: sourceOf({ topic, partition, offset }, headers, id),
    type,
    time: headers['ce_time'] ?? new Date(record.timestamp).toISOString(),
    subject: headers['ce_subject'] ?? key,
    correlation: headers['correlation'] ?? id,
    causation: headers['causation'] ?? id,
    data,
    ...(traceparent !== undefined && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent) ? { traceparent } : {}),
  };
};

/**
 * Ours: stream, version and chain hash of the event. A second message of the same event (`…/1`) counts as a stream of
 * its own, `<stream>#1`: with the same version it would be dropped as a repeat of the first. Outsiders have no versions:
 * the partition is their stream and the offset their version, so that they get at least what the broker can tell apart.
 */
const sourceOf = ({ topic, partition, offset }: TopicPartition & { readonly offset: number }, headers: Readonly<Record<string, string>>, id: string): Source => {
  const version = Number(headers['sequence']);
  const { ce_source: stream, chainhash: hash } = headers;
  if (stream === undefined || hash === undefined || !Number.isSafeInteger(version) || version < 1) return { stream: `kafka/${topic}/${partition}`, version: offset + 1, id, hash: '' };
  const index = /\/([1-9]\d*)$/.exec(id)?.[1];
  return { stream: index === undefined ? stream : `${stream}#${index}`, version, id, hash };
};
