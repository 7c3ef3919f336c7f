import { randomUUID } from 'node:crypto';
import { inBeijing, sleep } from '../../clock.js';
import { PUSHING, type Faults } from '../../faults/faults.js';
import type { Ledger } from '../../ledger/ledger.js';
import { digestOf } from './digest.js';
import type { SfParcel, SfParcels } from './parcels.js';

interface Route {
  id: string;
  mailno: string;
  orderid: string;
  acceptTime: string;
  acceptAddress: string;
  opCode: string;
  remark: string;
  reasonCode: string;
}

interface Batch {
  id: string;
  routes: Route[];
  attempts: number;
}

const BATCH = 10;
const PARALLEL = 4;

/** Pushes scans to the fleet as SF's RoutePushService does: by tens, again until `0000` is answered. */
export class RoutePushes {
  readonly #stopped = new AbortController();
  readonly #travelling = new Set<SfParcel>();
  readonly #pushed = new Map<SfParcel, Set<number>>();
  readonly #late: Route[] = [];
  #queue: Route[] = [];
  #sending = 0;
  #running: Promise<void> | undefined;

  constructor(private readonly options: { parcels: SfParcels; trackingUrl: string; partnerId: string; checkword: string; faults: Faults; ledger: Ledger }) {}

  follow(parcel: SfParcel): void {
    if (this.#pushed.has(parcel)) return;
    this.#pushed.set(parcel, new Set());
    this.#travelling.add(parcel);
  }

  start(everyMs = 100): void {
    const run = async (): Promise<void> => {
      while (!this.#stopped.signal.aborted) {
        this.#collect();
        this.#flush();
        await sleep(everyMs, this.#stopped.signal);
      }
    };
    this.#running ??= run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  /** Scans that are due and were not pushed yet. */
  #collect(): void {
    const { parcels, faults } = this.options;
    // What was held back in the last round goes now: behind scans that are younger.
    const late = this.#late.splice(0);
    for (const parcel of this.#travelling) {
      const pushed = this.#pushed.get(parcel) ?? new Set<number>();
      for (const scan of parcels.scans(parcel)) {
        if (pushed.has(scan.sequence)) continue;
        pushed.add(scan.sequence);
        const route: Route = {
          id: `${parcel.waybill.slice(2)}${String(scan.sequence).padStart(2, '0')}`, mailno: parcel.waybill, orderid: parcel.orderId, acceptTime: inBeijing(scan.at), acceptAddress: scan.place,
          opCode: scan.opCode, remark: scan.remark, reasonCode: '',
        };
        const struck = faults.strike('sf', 'RoutePushService', PUSHING, parcel.orderId)?.kind;
        const way = struck === 'drop' ? 'withheld' : struck === 'duplicate' ? 'twice' : struck === 'reorder' ? 'late' : scan.push;
        if (way === 'withheld') this.options.ledger.note({ world: 'sf', direction: 'out', kind: 'route withheld', orderId: parcel.orderId, status: 'withheld' });
        else if (way === 'late') this.#late.push(route);
        else this.#queue.push(route, ...(way === 'twice' ? [route] : []));
      }
      if (pushed.size === parcel.journey?.scans.length) this.#travelling.delete(parcel);
    }
    this.#queue.push(...late);
  }

  #flush(): void {
    while (this.#queue.length > 0 && this.#sending < PARALLEL) {
      const routes = this.#queue.slice(0, BATCH);
      this.#queue = this.#queue.slice(BATCH);
      this.#sending += 1;
      void this.#send({ id: randomUUID(), routes, attempts: 0 }).finally(() => {
        this.#sending -= 1;
        if (!this.#stopped.signal.aborted) this.#flush();
      });
    }
  }

  async #send(batch: Batch): Promise<void> {
    const { options } = this;
    const msgData = JSON.stringify({ Body: { WaybillRoute: batch.routes } });
    while (!this.#stopped.signal.aborted) {
      batch.attempts += 1;
      const timestamp = String(Date.now());
      const form = new URLSearchParams({
        partnerID: options.partnerId, requestID: batch.id, serviceCode: 'RoutePushService', timestamp, msgDigest: digestOf(msgData, timestamp, options.checkword), msgData,
      });
      let status = 'no answer';
      try {
        const response = await fetch(`${options.trackingUrl}/v1/sources/sf/routes`, { method: 'POST', body: form, signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(5_000)]) });
        const answered = await response.text();
        status = response.ok && /"return_code"\s*:\s*"0000"/.test(answered) ? 'accepted' : `refused ${response.status}`;
      } catch {
        status = 'no answer';
      }
      for (const route of batch.routes) options.ledger.note({ world: 'sf', direction: 'out', kind: 'RoutePushService', orderId: route.orderid, deliveryId: route.id, status });
      if (status === 'accepted') return;
      await sleep(Math.min(3_000, 200 * 2 ** Math.min(batch.attempts, 5)), this.#stopped.signal);
    }
  }
}
