import { createHash } from 'node:crypto';
import { topicOf, topics } from '@flotilla/contracts';
import { serviceNames, type ServiceName } from '@flotilla/tasks';
import { check, type Invariant } from '../invariant.ts';
import type { KafkaRecord, Sources } from '../sources.ts';

// Which package a service publishes under, and by which events: what a log holds must stand on Kafka, and nothing else.
const packages: Readonly<Record<ServiceName, string>> = {
  ingest: 'flotilla.ingest.v1', 'order-core': 'flotilla.order.v1', allocation: 'flotilla.allocation.v1', carrier: 'flotilla.carrier.v1',
  tracking: 'flotilla.tracking.v1', settlement: 'flotilla.settlement.v1', alerts: 'flotilla.alerts.v1',
};

/** A participant's replies share a log with the saga and have a package of their own. */
const packageOf = (service: ServiceName, stream: string): string => (service === 'allocation' && stream.startsWith('lock-') ? 'flotilla.lock.v1' : packages[service]);

/** Invariant 6: chains verify, Kafka carries the log, anchors fit. */
export const chainInvariants = async (sources: Sources): Promise<readonly Invariant[]> => {
  const chains = check('6 hash chains: every event is what was appended, versions without holes');
  const carried = check('6 Kafka carries what the logs hold: same events, same order per stream, same hashes');
  const anchored = check('6 anchors on Kafka fit the logs');
  const heads = check('6 each stream ends where its head says');
  const anchors = await sources.topic(topics.anchors);
  const lifecycle = new Map<string, KafkaRecord[]>();
  for (const topic of [topics.ingest, topics.order, topics.allocation, topics.parcel, topics.tracking, topics.settlement, topics.alerts, topics.lockReplies]) {
    for (const record of await sources.topic(topic)) {
      // "stream#1" is the second message of one event: of the same event as the first.
      const stream = record.headers['ce_source'] ?? '';
      if (/#\d+$/.test(stream)) continue;
      lifecycle.set(stream, [...(lifecycle.get(stream) ?? []), record]);
    }
  }
  for (const service of serviceNames) {
    const claims = anchors.filter(({ key }) => key === service).map(({ value }) => JSON.parse(value) as { position: number; events: number; root: string });
    const due = new Map(claims.map((claim) => [claim.position, claim]));
    const streams = new Map<string, { version: number; hash: string }>();
    let root = Buffer.alloc(0);
    let events = 0;
    const published = new Map<string, { version: number; id: string; hash: string }[]>();
    for await (const event of sources.log(service)) {
      const before = streams.get(event.stream) ?? { version: 0, hash: '' };
      const canonical = [event.stream, event.version, event.id, event.recordedAt, event.type, event.schemaVersion, event.data, event.meta].join('\n');
      const hash = createHash('sha256').update(Buffer.from(before.hash, 'hex')).update(canonical).digest('hex');
      chains.that(event.version === before.version + 1 && hash === event.hash, () => `${service} ${event.stream} v${event.version} (${event.type}): content, order or hash was changed`);
      streams.set(event.stream, { version: event.version, hash: event.hash });
      root = createHash('sha256').update(root).update(Buffer.from(event.hash, 'hex')).digest();
      events += 1;
      const claim = due.get(event.position);
      if (claim) {
        anchored.that(claim.root === root.toString('hex') && claim.events === events, () => `${service}: the log up to ${event.position} is not what was anchored`);
        due.delete(event.position);
      }
      if (topicOf(`${packageOf(service, event.stream)}.${event.type}`)) published.set(event.stream, [...(published.get(event.stream) ?? []), { version: event.version, id: event.id, hash: event.hash }]);
    }
    for (const claim of due.values()) anchored.that(false, () => `${service}: the anchored event at ${claim.position} is not in the log`);
    for (const { stream_id, version, hash } of await sources.query<{ stream_id: string; version: string; hash: Buffer }>(service, 'SELECT stream_id, version, hash FROM es.stream')) {
      const head = streams.get(stream_id);
      heads.that(head?.version === Number(version) && head.hash === hash.toString('hex'), () => `${service} ${stream_id}: its head says version ${version}, its events ${head?.version ?? 0}`);
    }
    for (const [stream, wanted] of published) {
      const seen = new Map<number, KafkaRecord>();
      const newest = new Map<number, number>();
      let order = true;
      for (const record of (lifecycle.get(stream) ?? []).toSorted((a, b) => a.offset - b.offset)) {
        const version = Number(record.headers['sequence']);
        if (seen.has(version)) continue; // sent again by a relay that had no answer: allowed, the receiver drops it
        if (version < (newest.get(record.partition) ?? 0)) order = false;
        newest.set(record.partition, version);
        seen.set(version, record);
      }
      for (const { version, id, hash } of wanted) {
        const record = seen.get(version);
        carried.that(record !== undefined && (record.headers['ce_id'] ?? '').startsWith(id) && record.headers['chainhash'] === hash, () => `${service} ${stream} v${version}: ${record ? 'Kafka has another event' : 'not on Kafka'}`);
      }
      carried.that(order, () => `${service} ${stream}: Kafka has its events out of order`);
    }
  }
  return [chains.done(), heads.done(), carried.done(), anchored.done()];
};
