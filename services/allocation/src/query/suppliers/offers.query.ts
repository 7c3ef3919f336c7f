import type { allocation as api } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import type { Pool } from 'pg';
import type { TakenFile } from '../../decide/suppliers/file.decider.js';
import { offer } from '../../decide/suppliers/offer.decider.js';

interface OfferRow {
  readonly lock_id: string;
  readonly fo_id: string;
  readonly supplier: string;
  readonly state: string;
  readonly offered_at: Date;
  readonly overdue: boolean;
}

/** Time and id of the last one before. */
type After = readonly string[] | undefined;

/** What a supplier was offered, the newest first. `urlOf`: where a video can be seen. */
export const offersOf = async (from: { readonly store: EventStore; readonly pool: Pick<Pool, 'query'> }, supplier: string, limit: number, after: After, urlOf: (sha256: string) => string): Promise<readonly api.SupplierOffer[]> => {
  const { rows } = await from.pool.query<OfferRow>(
    `SELECT lock_id, fo_id, supplier, state, offered_at, state = 'ACCEPTED' AND overdue_at IS NOT NULL AS overdue FROM read.supplier_offer
      WHERE supplier = $1 AND ($2::timestamptz IS NULL OR (offered_at, lock_id) < ($2, $3)) ORDER BY offered_at DESC, lock_id DESC LIMIT $4`,
    [supplier, after?.[0] ?? null, after?.[1] ?? '', limit],
  );
  const offers = await from.store.folded(offer, rows.map(({ lock_id }) => lock_id));
  return rows.map(({ lock_id, fo_id, state, offered_at, overdue }): api.SupplierOffer => {
    const { sent, videos: [video] } = offers.get(lock_id)!.state;
    return {
      lockId: lock_id, foId: fo_id, supplier, state, offeredAt: offered_at.toISOString(), overdue, carrier: sent?.carrier ?? '', waybill: sent?.waybill ?? '',
      video: video ? { sha256: video.sha256, bytes: video.bytes, mediaType: video.mediaType, attachedAt: video.at, url: urlOf(video.sha256) } : { sha256: '', bytes: 0, mediaType: '', attachedAt: '', url: '' },
    };
  });
};

/** Files with answers that were taken, the newest first; each with its id. */
export const filesOf = async (pool: Pick<Pool, 'query'>, supplier: string, limit: number, after: After): Promise<readonly { readonly id: string; readonly file: api.SupplierFile }[]> => {
  const { rows } = await pool.query<{ readonly id: string; readonly file: TakenFile }>(
    'SELECT id, file FROM read.supplier_file WHERE supplier = $1 AND ($2::timestamptz IS NULL OR (taken_at, id) < ($2, $3)) ORDER BY taken_at DESC, id DESC LIMIT $4',
    [supplier, after?.[0] ?? null, after?.[1] ?? '', limit],
  );
  return rows.map(({ id, file }) => ({ id, file: { ...file, refusals: [...file.refusals] } }));
};
