import { createHash, hash as digestOf } from 'node:crypto';
import { topicOf, topics } from '@flotilla/contracts';
import { serviceNames, type ServiceName } from '@flotilla/tasks';
import { check, type Invariant } from '../invariant.ts';
import type { KafkaRecord, LogEvent, Sources } from '../sources.ts';

// Which package a service publishes under, and by which events: what a log holds must stand on Kafka, and nothing else.
const packages: Readonly<Record<ServiceName, string>> = {
  ingest: 'flotilla.ingest.v1', 'order-core': 'flotilla.order.v1', allocation: 'flotilla.allocation.v1', carrier: 'flotilla.carrier.v1',
  tracking: 'flotilla.tracking.v1', settlement: 'flotilla.settlement.v1', alerts: 'flotilla.alerts.v1',
};

const questions: Readonly<Record<string, string>> = { LockAsked: 'LockStock', ConfirmAsked: 'ConfirmStock', ReleaseAsked: 'ReleaseStock', ConsumeAsked: 'ConsumeStock' };

/** The topic on which an event of a log is published; undefined if it stays inside. A participant's replies share a log with the saga. */
const topicFor = (service: ServiceName, { stream, type }: Pick<LogEvent, 'stream' | 'type'>): string | undefined => {
  if (stream.startsWith('anchor-')) return topics.anchors;
  if (service !== 'allocation') return topicOf(`${packages[service]}.${type}`);
  if (stream.startsWith('lock-')) return topics.lockReplies;
  // Each description is told as what the article is now. Levels of stock are not compared here: a participant elsewhere tells its own.
  if (stream.startsWith('sku-')) return topics.catalogue;
  // Beside its answers, a lock in a warehouse system outside remembers its calls.
  if (stream.startsWith('offer-') && type === 'OfferMade') return topics.lockReplies;
  if (stream.startsWith('offer-') && ['SupplierShipped', 'SupplierOverdue', 'SupplierOverdueEnded', 'PackingVideoAttached'].includes(type)) return topics.allocation;
  if (stream.startsWith('wmslock-') || stream.startsWith('offer-')) return type === 'LockAnswered' || topicOf(`flotilla.lock.v1.${type}`) === topics.lockReplies ? topics.lockReplies : undefined;
  return topicOf(questions[type] === undefined ? `${packages[service]}.${type}` : `flotilla.lock.v1.${questions[type]}`);
};

const carriers = [topics.ingest, topics.order, topics.allocation, topics.lockRequests, topics.lockReplies, topics.parcel, topics.tracking, topics.catalogue, topics.settlement, topics.alerts, topics.anchors];

/**
 * A stream on a topic, folded to one hash in the order of its versions: what fits needs no more memory than that. The log of
 * every service has a stream of anchors under the same name, told apart by the message's key; and the saga's questions have
 * an order per warehouse asked, which is how their keys begin.
 */
const placeOf = (topic: string, stream: string, key: string): string => `${topic} ${stream}${topic === topics.anchors || topic === topics.lockRequests ? `@${key.split('/')[0]}` : ''}`;

const placeOfEvent = (topic: string, service: ServiceName, { stream, data }: LogEvent): string =>
  placeOf(topic, stream, topic === topics.lockRequests ? (JSON.parse(data) as { warehouse: string }).warehouse : service);

interface Told {
  version: number;
  digest: string;
}

const fold = (told: Map<string, Told>, place: string, version: number, id: string, hash: string): void => {
  const before = told.get(place);
  // Sent again by a relay that had no answer: allowed, the receiver drops it. So is the second message of one event.
  if (before && version <= before.version) return;
  told.set(place, { version, digest: digestOf('sha256', `${before?.digest ?? ''} ${version} ${id} ${hash}`, 'base64').slice(0, 24) });
};

const foldRecord = (told: Map<string, Told>, { topic, key, headers }: KafkaRecord): void => {
  const stream = headers['ce_source'] ?? '';
  if (headers['chainhash'] === undefined) return;
  fold(told, placeOf(topic, stream, key), Number(headers['sequence']), idOf(headers), headers['chainhash']);
};

/** `<event id>/<index>`. */
const idOf = (headers: KafkaRecord['headers']): string => (headers['ce_id'] ?? '').split('/')[0]!;

/** What the hash of an event must be after the one before it. */
export const hashOf = (before: string, { stream, version, id, recordedAt, type, schemaVersion, data, meta }: LogEvent): string =>
  createHash('sha256').update(Buffer.from(before, 'hex')).update([stream, version, id, recordedAt, type, schemaVersion, data, meta].join('\n')).digest('hex');

/** Invariant 6: chains verify, Kafka carries the log, anchors fit, what was taken over is what was said. */
export const chainInvariants = async (sources: Sources): Promise<readonly Invariant[]> => {
  const chains = check('6 hash chains: every event is what was appended, versions without holes');
  const carried = check('6 Kafka carries what the logs hold: same events, same order per stream, same hashes');
  const anchored = check('6 anchors on Kafka fit the logs');
  const heads = check('6 each stream ends where its head says');
  const cited = check('6 every foreign event that was applied is what its owner says');

  const began = Date.now();
  const onKafka = new Map<string, Told>();
  const claims = new Map<string, { position: number; events: number; root: string }[]>();
  const { cut } = await sources.scan(carriers, (record) => {
    foldRecord(onKafka, record);
    if (record.topic === topics.anchors) claims.set(record.key, [...(claims.get(record.key) ?? []), JSON.parse(record.value) as { position: number; events: number; root: string }]);
  });

  const inLogs = new Map<string, Told>();
  const owners = new Map<string, ServiceName>();
  for (const service of serviceNames) {
    const due = new Map((claims.get(service) ?? []).map((claim) => [claim.position, claim]));
    const streams = new Map<string, { version: number; hash: string }>();
    let root = Buffer.alloc(0);
    let events = 0;
    const citing = citations(sources, cited);
    for await (const event of sources.log(service)) {
      const { stream, version, id } = event;
      const before = streams.get(stream) ?? { version: 0, hash: '' };
      chains.that(version === before.version + 1, () => `${service} ${stream}: v${before.version + 1}${version > before.version + 2 ? ` to v${version - 1}` : ''} is missing`);
      const hash = hashOf(before.hash, event);
      // After a hole the chain cannot be judged, but goes on from what stands there.
      if (version === before.version + 1) chains.that(hash === event.hash, () => `${service} ${stream} v${version} (${event.type}): content or hash was changed`);
      streams.set(stream, { version, hash: event.hash });
      root = createHash('sha256').update(root).update(Buffer.from(event.hash, 'hex')).digest();
      events += 1;
      const claim = due.get(event.position);
      if (claim) {
        anchored.that(claim.root === root.toString('hex') && claim.events === events, () => `${service}: the log up to ${event.position} (${stream} v${version}) is not what was anchored`);
        due.delete(event.position);
      }
      const topic = topicFor(service, event);
      if (topic !== undefined) {
        const place = placeOfEvent(topic, service, event);
        owners.set(place, service);
        fold(inLogs, place, version, id, event.hash);
      }
      await citing.of(service, event);
    }
    await citing.rest();
    for (const claim of due.values()) anchored.that(false, () => `${service}: the anchored event at ${claim.position} is not in the log`);
    let asked = 0;
    for await (const { stream_id, version, hash } of sources.rows<{ stream_id: string; version: string; hash: Buffer }>(service, 'SELECT stream_id, version, hash FROM es.stream ORDER BY stream_id COLLATE "C"')) {
      const head = streams.get(stream_id);
      const fits = head?.version === Number(version) && head.hash === hash.toString('hex');
      // The fleet may be at work: what was appended since the log was read has a head that is ahead of it.
      const since = fits || asked >= looked ? undefined : ((asked += 1), (await sources.stream(service, stream_id)).find((event) => event.version === Number(version)));
      heads.that(fits || (since !== undefined && since.version > (head?.version ?? 0) && since.hash === hash.toString('hex')), () => `${service} ${stream_id}: its head says version ${version}, its events ${head?.version ?? 0}`);
      streams.delete(stream_id);
    }
    for (const [stream, { version }] of streams) heads.that(false, () => `${service} ${stream}: it has ${version} events and no head`);
  }
  const odd = new Set<string>();
  for (const place of new Set([...inLogs.keys(), ...onKafka.keys()])) {
    if (inLogs.get(place)?.digest === onKafka.get(place)?.digest) carried.that(true, () => '');
    else odd.add(place);
  }
  await compare(sources, { odd, owners, cut, began }, carried);
  return [chains.done(), heads.done(), carried.done(), anchored.done(), cited.done()];
};

type Check = ReturnType<typeof check>;

/** So many streams that do not fit are looked at event by event; of the others it is only said that they do not fit. */
const looked = 500;

/** Says of each stream that differs between log and Kafka in which event. */
const compare = async (sources: Sources, { odd, owners, cut, began }: { odd: ReadonlySet<string>; owners: ReadonlyMap<string, ServiceName>; cut: readonly string[]; began: number }, carried: Check): Promise<void> => {
  if (odd.size === 0) return;
  const near = new Set([...odd].slice(0, looked));
  for (const place of odd) if (!near.has(place)) carried.that(false, () => `${place}: the log and Kafka differ`);
  const records = new Map<string, KafkaRecord[]>();
  const begins = new Map<string, string>();
  await sources.scan(carriers, (record) => {
    const at = record.headers['ce_time'] ?? '';
    if (cut.includes(record.topic) && (begins.get(record.topic) ?? '9') > at) begins.set(record.topic, at);
    const place = placeOf(record.topic, record.headers['ce_source'] ?? '', record.key);
    if (near.has(place)) records.set(place, [...(records.get(place) ?? []), { ...record, value: '' }]);
  });
  for (const place of near) {
    const [topic, stream] = [place.slice(0, place.indexOf(' ')), place.slice(place.indexOf(' ') + 1).split('@')[0]!];
    const service = owners.get(place);
    const seen = new Map<number, KafkaRecord>();
    let newest = 0;
    for (const record of records.get(place) ?? []) {
      const version = Number(record.headers['sequence']);
      if (seen.has(version)) continue;
      carried.that(version > newest, () => `${service ?? topic} ${stream} v${version}: on Kafka after v${newest}`);
      newest = Math.max(newest, version);
      seen.set(version, record);
    }
    const events = service === undefined ? [] : (await sources.stream(service, stream)).filter((event) => topicFor(service, event) === topic && placeOfEvent(topic, service, event) === place);
    for (const { version, id, hash, recordedAt } of events) {
      const record = seen.get(version);
      seen.delete(version);
      const at = Number(recordedAt) / 1_000;
      // What the topic no longer keeps is no fault, nor what was appended since this began, as an anchor is every minute: it is on its way.
      if (!record && (at >= began || new Date(at).toISOString() <= (begins.get(topic) ?? ''))) continue;
      carried.that(record !== undefined && idOf(record.headers) === id && record.headers['chainhash'] === hash, () => `${service} ${stream} v${version}: ${record ? 'Kafka has another event' : `not on Kafka (${topic})`}`);
    }
    for (const version of seen.keys()) carried.that(false, () => `${topic} has ${stream} v${version}, and ${service ? `the log of ${service} has not` : 'no log has this stream'}`);
  }
};

// Whose log a cited stream stands in.
const sourcesOf: Readonly<Record<string, ServiceName>> = {
  channelOrder: 'ingest', writeBack: 'ingest', channelStock: 'ingest', freeze: 'allocation', order: 'order-core', fulfilment: 'order-core', allocation: 'allocation', lock: 'allocation', parcel: 'carrier', shipment: 'tracking', receivable: 'settlement',
};

/** Compares what was cited with the owner's log, some thousand at a time. */
const citations = (sources: Sources, cited: Check): { of(service: ServiceName, event: LogEvent): Promise<void>; rest(): Promise<void> } => {
  const waiting = new Map<ServiceName, { stream: string; version: number; id: string; hash: string; by: string }[]>();
  const settle = async (owner: ServiceName): Promise<void> => {
    const batch = waiting.get(owner) ?? [];
    waiting.set(owner, []);
    const rows = await sources.query<{ stream_id: string; version: string; event_id: string; hash: Buffer }>(
      owner,
      'SELECT e.stream_id, e.version, e.event_id, e.hash FROM unnest($1::text[], $2::bigint[]) AS w(stream_id, version) JOIN es.event e USING (stream_id, version)',
      [batch.map(({ stream }) => stream), batch.map(({ version }) => version)],
    );
    const found = new Map(rows.map((row) => [`${row.stream_id} ${row.version}`, row]));
    for (const { stream, version, id, hash, by } of batch) {
      const row = found.get(`${stream} ${version}`);
      cited.that(row !== undefined && row.event_id === id.split('/')[0] && row.hash.toString('hex') === hash, () => `${by} applied ${stream} v${version}, and ${owner} ${row !== undefined ? 'has another event there' : 'has no such event'}`);
    }
  };
  return {
    of: async (service, { stream, version, meta }) => {
      // Most events cite nothing; only those that do are parsed.
      if (!meta.includes('"source"')) return;
      const { source } = JSON.parse(meta) as { source?: { stream: string; version: number; id: string; hash: string } };
      const owner = source && sourcesOf[source.stream.slice(0, source.stream.indexOf('-'))];
      if (!source || !owner || source.hash === '') return;
      const batch = waiting.get(owner) ?? [];
      batch.push({ stream: source.stream.replace(/#\d+$/, ''), version: source.version, id: source.id, hash: source.hash, by: `${service} ${stream} v${version}` });
      waiting.set(owner, batch);
      if (batch.length >= 2_000) await settle(owner);
    },
    rest: async () => {
      for (const owner of waiting.keys()) await settle(owner);
    },
  };
};
