import { newRequestId, rpc, RpcError, type AnswerOf } from '../../kit/index.js';
import type { Effect, Input, Line, Work } from './station.js';

type Parcel = NonNullable<AnswerOf<'flotilla.carrier.v1.Parcels/Find'>['parcels'][number]['parcel']>;
type FloorParcel = AnswerOf<'flotilla.allocation.v1.Packing/Get'>;

const asError = (error: unknown): RpcError => (error instanceof RpcError ? error : new RpcError('INTERNAL', 'INTERNAL', String(error)));

/** A broken connection is no answer: the same intent is sent again under its key. */
const persisted = async <T>(ask: () => Promise<T>, times = 3): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const { reason } = asError(error);
      if (attempt >= times || !['OFFLINE', 'UNAVAILABLE', 'UNKNOWN_OUTCOME'].includes(reason)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250 * attempt));
    }
  }
};

const nothing = <T>(error: unknown, otherwise: T): T => {
  if (asError(error).reason === 'NOT_FOUND') return otherwise;
  throw error;
};

// Articles change seldom, and every parcel of a wave holds the same ones.
const barcodes = new Map<string, Promise<readonly string[]>>();
const barcodesOf = (sku: string): Promise<readonly string[]> => {
  const known = barcodes.get(sku);
  if (known) return known;
  const asked = rpc('flotilla.allocation.v1.Catalogue/Get', { sku }).then(({ barcodes: found }) => found, (error: unknown) => nothing(error, []));
  barcodes.set(sku, asked);
  asked.catch(() => barcodes.delete(sku));
  setTimeout(() => barcodes.delete(sku), 60_000);
  return asked;
};

const lineOf = async (sku: string, name: string, quantity: number, scanned: number): Promise<Line> => ({ sku, name, quantity, scanned, barcodes: await barcodesOf(sku) });

/** A parcel with what allocation's floor says of it, where a wave is on. */
const workOf = async ({ parcel, printed }: { readonly parcel: Parcel; readonly printed: boolean }): Promise<Work> => {
  const floor = await rpc('flotilla.allocation.v1.Packing/Get', { parcelId: parcel.parcelId }).catch((error: unknown): FloorParcel | undefined => nothing(error, undefined));
  const summed = new Map<string, { name: string; quantity: number }>();
  for (const { sku, name, quantity } of parcel.items) summed.set(sku, { name, quantity: (summed.get(sku)?.quantity ?? 0) + quantity });
  const followed = floor?.state === 'PICKING' || floor?.state === 'PACKED';
  const lines = await Promise.all(followed ? floor.lines.map((line) => lineOf(line.sku, line.name, line.quantity, line.scanned)) : [...summed].map(([sku, { name, quantity }]) => lineOf(sku, name, quantity, 0)));
  const { parcelId, number, waybill, carrier, warehouse, state } = parcel;
  return { parcelId, number, waybill, carrier, warehouse, state, printed, inWave: floor?.state === 'PICKING', lines, advice: floor?.advice.map(({ code }) => code) ?? [] };
};

const mostCandidates = 3;

const find = async (code: string, warehouse: string): Promise<Input> => {
  const [direct, article] = await Promise.all([rpc('flotilla.carrier.v1.Parcels/Find', { code, warehouse, size: 10 }), rpc('flotilla.allocation.v1.Catalogue/Resolve', { code, warehouse }).catch((error: unknown) => nothing(error, undefined))]);
  let { by, parcels } = direct;
  let sku = by === 'SKU' ? code : '';
  // A barcode or a bin: of its articles the first that some parcel still waits for.
  for (const one of by === '' ? (article?.skus ?? []) : []) {
    const found = await rpc('flotilla.carrier.v1.Parcels/Find', { code: one.sku, warehouse, size: 10 });
    if (found.by !== 'SKU') continue;
    ({ by, parcels } = found);
    sku = one.sku;
    break;
  }
  if (by === '' && article?.skus[0]) return { type: 'found', code, by: 'SKU', sku: article.skus[0].sku, works: [] };
  const wanted = by === 'SKU' ? parcels.slice(0, mostCandidates) : parcels;
  const works = await Promise.all(wanted.flatMap(({ parcel, printed }) => (parcel ? [workOf({ parcel, printed })] : [])));
  return { type: 'found', code, by, sku, works };
};

const count = async ({ parcelId, code, sku }: Extract<Effect, { do: 'count' }>): Promise<Input> => {
  const requestId = newRequestId();
  try {
    const { lines } = await persisted(() => rpc('flotilla.allocation.v1.Packing/Scan', { requestId, parcelId, code }));
    return { type: 'counted', parcelId, lines: lines.map(({ sku: of, scanned }) => ({ sku: of, scanned })) };
  } catch (error) {
    const { reason, message } = asError(error);
    return { type: 'itemRefused', parcelId, code, sku, reason, detail: message };
  }
};

// That it is packed reaches carrier by way of the log.
const toldMs = 8_000;

const close = async ({ work, pack }: Extract<Effect, { do: 'close' }>, packer: string): Promise<Input> => {
  const { parcelId } = work;
  const [packId, shipId] = [newRequestId(), newRequestId()];
  try {
    if (pack) await persisted(() => rpc('flotilla.allocation.v1.Packing/Pack', { requestId: packId, parcelId, packer: packer.slice(0, 60) }));
    const until = Date.now() + toldMs;
    for (;;) {
      try {
        await persisted(() => rpc('flotilla.carrier.v1.Parcels/Ship', { requestId: shipId, parcelId, waybill: work.waybill }));
        return { type: 'closed', parcelId };
      } catch (error) {
        if (asError(error).reason !== 'NOT_PACKED' || !pack || Date.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  } catch (error) {
    const { reason, message } = asError(error);
    return { type: 'closeRefused', parcelId, reason, detail: message };
  }
};

export interface Place {
  readonly station: string;
  readonly warehouse: string;
  readonly packer: string;
}

/** Sends one parcel's papers to the station's printers. Throws `RpcError`. */
export const print = (station: string, parcelId: string, { documents = [], reason = '' }: { readonly documents?: readonly string[]; readonly reason?: string } = {}): Promise<AnswerOf<'flotilla.carrier.v1.Printing/Print'>> => {
  const requestId = newRequestId();
  return persisted(() => rpc('flotilla.carrier.v1.Printing/Print', { requestId, station, parcelId, documents, reason }));
};

/** Does what the station owes, and says what came of it. Tones and dialogs are the page's. */
export const perform = async (effect: Effect, { station, warehouse, packer }: Place): Promise<Input | undefined> => {
  switch (effect.do) {
    case 'find':
      try {
        return await find(effect.code, warehouse);
      } catch (error) {
        const { reason, message } = asError(error);
        return { type: 'lost', code: effect.code, reason, detail: message };
      }
    case 'print':
      try {
        await print(station, effect.parcelId);
        return { type: 'printed', parcelId: effect.parcelId };
      } catch (error) {
        const { reason, message } = asError(error);
        return { type: 'printRefused', parcelId: effect.parcelId, reason, detail: message };
      }
    case 'count':
      return count(effect);
    case 'close':
      return close(effect, packer);
    case 'tone':
    case 'reprint':
      return undefined;
  }
};
