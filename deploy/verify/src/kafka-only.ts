import { check, type Invariant } from './invariant.ts';
import { readHoldings, type Holdings } from './holdings.ts';
import type { KafkaRecord, Sources } from './sources.ts';

/** One lock that a fulfilment order has at the end, and what it holds by it. */
export interface Holder {
  readonly foId: string;
  readonly lockId: string;
  readonly warehouse: string;
  readonly sku: string;
  readonly quantity: number;
  readonly state: 'locked' | 'confirmed' | 'consumed';
}

export interface Recount {
  readonly invariants: readonly Invariant[];
  readonly holders: readonly Holder[];
  /** What each fulfilment order was last told: `OrderAllocated`, `OrderBackordered`, `StockReleased`, or "" while it waits. */
  readonly told: ReadonlyMap<string, string>;
}

/**
 * Who holds which unit, by the topics alone: no database, no service, none of their code. It reads what participants
 * promised (inventory-lock), what the shelves say (stock) and what order-core and carrier were told (order-lifecycle), and
 * says where these do not fit. For a fleet at rest: what is on its way stands on one topic and not yet on the other.
 */
export const recount = async (sources: Pick<Sources, 'scan'>): Promise<Recount> => {
  const found = await readHoldings((topics, each) => sources.scan(topics, each));
  return { invariants: invariantsOf(found), holders: holdersOf(found), told: new Map([...found.requests.keys()].map((foId) => [foId, found.answers.get(foId)?.type ?? ''])) };
};

export type Scan = (topics: readonly string[], each: (record: KafkaRecord) => void) => Promise<{ readonly cut: readonly string[] }>;

const holdersOf = ({ locks }: Holdings): readonly Holder[] =>
  [...locks].flatMap(([lockId, { foId, warehouse, state, lines }]) =>
    state === 'locked' || state === 'confirmed' || state === 'consumed' ? [...lines].map(([sku, quantity]) => ({ foId, lockId, warehouse, sku, quantity, state })) : [],
  );

const invariantsOf = (found: Holdings): readonly Invariant[] => {
  const { locks, shelves, requests, answers, finished, shipped, lost, displaced, faults } = found;
  const whole = check('Kafka: the topics are whole, from their first message on');
  for (const topic of found.topics) whole.that(!found.cut.includes(topic), () => `${topic}: its beginning is gone; who holds what cannot be told from the rest`);

  const granted = check('Kafka: every lock was asked for, granted as asked, and ends once');
  for (const lockId of locks.keys()) granted.that(!faults.has(lockId), () => `lock ${lockId}: ${faults.get(lockId)}`);

  const bounds = check('Kafka: no shelf ever promised more than it had');
  const shelfSums = check('Kafka: what each shelf says is promised is what its locks hold');
  const sums = new Map<string, { locked: number; confirmed: number }>();
  for (const { warehouse, sku, quantity, state } of holdersOf(found)) {
    const sum = sums.get(`${warehouse}/${sku}`) ?? { locked: 0, confirmed: 0 };
    if (state !== 'consumed') sum[state] += quantity;
    sums.set(`${warehouse}/${sku}`, sum);
  }
  for (const [shelf, { over, held, confirmed }] of shelves) {
    bounds.that(over === '', () => `${shelf}: ${over}`);
    const sum = sums.get(shelf) ?? { locked: 0, confirmed: 0 };
    shelfSums.that(sum.locked === held && sum.confirmed === confirmed, () => `${shelf}: it says ${held} held, ${confirmed} confirmed; its locks hold ${sum.locked} and ${sum.confirmed}`);
  }
  for (const shelf of sums.keys()) if (!shelves.has(shelf)) shelfSums.that(false, () => `${shelf}: locks hold stock of a shelf that nothing is known of`);

  const single = check('Kafka: no fulfilment order holds more than it asked for');
  const kept = check('Kafka: whoever was told "allocated" holds it, and nobody else holds for good');
  const idle = check('Kafka: nobody who is finished holds anything');
  const byFo = new Map<string, Holder[]>();
  for (const holder of holdersOf(found)) byFo.set(holder.foId, [...(byFo.get(holder.foId) ?? []), holder]);
  for (const [foId, holders] of byFo) {
    const counted = holders.filter(({ state, lockId }) => state === 'confirmed' || (state === 'consumed' && !lost.has(locks.get(lockId)?.parcelId ?? '')));
    for (const [sku, quantity] of perSku(counted)) {
      const wanted = requests.get(foId)?.most.get(sku) ?? 0;
      single.that(quantity <= wanted, () => `${foId}: ${quantity} × ${sku} held and taken for good, ${wanted} asked for`);
    }
    if (finished.has(foId)) {
      const live = holders.filter(({ state }) => state !== 'consumed');
      idle.that(live.length === 0, () => `${foId} is finished, and lock ${live[0]?.lockId} is ${live[0]?.state}`);
    }
  }
  for (const foId of finished) if (!byFo.has(foId)) idle.that(true, () => '');
  for (const [foId, request] of requests) {
    const answer = answers.get(foId);
    const confirmed = perSku((byFo.get(foId) ?? []).filter(({ state }) => state === 'confirmed'));
    if (answer?.type === 'OrderAllocated') {
      for (const lockId of answer.locks) kept.that(['confirmed', 'consumed'].includes(locks.get(lockId)?.state ?? '') || answer.round < request.round || finished.has(foId), () => `${foId} was told that lock ${lockId} is its own, and that is ${locks.get(lockId)?.state ?? 'unknown'}`);
    } else if (answer !== undefined && answer.round >= request.round) {
      for (const [sku, quantity] of confirmed) {
        const missing = answer.missing.get(sku) ?? 0;
        kept.that(answer.type === 'OrderBackordered' && quantity + missing <= (request.newest.get(sku) ?? 0), () => `${foId} was told ${answer.type}, and holds ${quantity} × ${sku} for good`);
      }
      if (confirmed.size === 0) kept.that(true, () => '');
    }
  }

  const consumed = check('Kafka: every unit that left was taken once from a lock');
  const takenBy = new Map<string, Holder[]>();
  for (const holder of holdersOf(found)) {
    const parcelId = holder.state === 'consumed' ? (locks.get(holder.lockId)?.parcelId ?? '') : '';
    if (parcelId !== '') takenBy.set(parcelId, [...(takenBy.get(parcelId) ?? []), holder]);
  }
  for (const [parcelId, { foId, lines }] of shipped) {
    const taken = perSku(takenBy.get(parcelId) ?? []);
    // A parcel may have left while its goods were found missing on the shelf and the promise was taken back.
    const excused = (sku: string): number => [...displaced].reduce((sum, lockId) => sum + (locks.get(lockId)?.foId === foId ? (locks.get(lockId)!.lines.get(sku) ?? 0) : 0), 0);
    for (const [sku, quantity] of lines) consumed.that(taken.get(sku) === quantity || ((taken.get(sku) ?? 0) < quantity && quantity - (taken.get(sku) ?? 0) <= excused(sku)), () => `parcel ${parcelId} of ${foId}: ${quantity} × ${sku} left, ${taken.get(sku) ?? 0} taken`);
  }
  // A fleet that has shipped nothing yet has nothing to be wrong about here, if no lock says that it was consumed.
  if (shipped.size === 0) consumed.that(takenBy.size === 0, () => `lock of parcel ${[...takenBy.keys()][0]} was consumed, and nothing has left`);
  return [whole, granted, bounds, shelfSums, single, kept, idle, consumed].map((one) => one.done());
};

const perSku = (holders: readonly Holder[]): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { sku, quantity } of holders) sums.set(sku, (sums.get(sku) ?? 0) + quantity);
  return sums;
};
