import type { allocation as api } from '@flotilla/contracts';
import type { Pool } from 'pg';
import { lies } from '../decide/routing/places.js';
import { sizeOf } from '../decide/waves/filter.js';
import { gramsOf, type FloorState } from '../decide/waves/floor.decider.js';
import { inIt, type WaveState } from '../decide/waves/wave.decider.js';

/** What a wave is to be found among: more than it may take, since some may not fit into what is left of its capacity. */
const MORE = 100;

/** Parcels that wait and that a wave may take, most urgent first. The list may be behind. */
export const candidatesOf = async (pool: Pool, warehouse: string, filter: api.WaveFilter, most: number): Promise<readonly string[]> => {
  const places = filter.zones.length === 0 ? null : await placesIn(pool, warehouse, filter.zones);
  const { rows } = await pool.query<{ parcel_id: string }>(
    `SELECT parcel_id FROM read.floor_parcel
     WHERE warehouse = $1 AND status = 'WAITING' AND ($2 = '' OR carrier = $2) AND ($3 = '' OR service = $3) AND (cardinality($4::text[]) = 0 OR size = ANY($4)) AND rank <= $5
       AND ($6 = '' OR released_at < $6) AND (waybilled OR NOT $7) AND ($8::text[] IS NULL OR (country, province) IN (SELECT * FROM unnest($8::text[], $9::text[])))
     ORDER BY rank, released_at, parcel_id LIMIT $10`,
    [warehouse, filter.carrier, filter.service, filter.sizes, -filter.fromPriority, filter.releasedBefore, filter.waybilled, places?.map(({ country }) => country) ?? null, places?.map(({ province }) => province) ?? null, most + MORE],
  );
  return rows.map(({ parcel_id }) => parcel_id);
};

// How a province is written differs from order to order: those that wait are compared as routing compares them.
const placesIn = async (pool: Pool, warehouse: string, zones: readonly string[]): Promise<readonly { readonly country: string; readonly province: string }[]> => {
  const { rows } = await pool.query<{ country: string; province: string }>("SELECT DISTINCT country, province FROM read.floor_parcel WHERE warehouse = $1 AND status = 'WAITING'", [warehouse]);
  return rows.filter((place) => zones.some((zone) => lies(zone, { ...place, city: '', district: '' })));
};

const noEvidence: api.PackingEvidence = { packedAt: '', by: '', packer: '', grams: 0, expectedGrams: 0, advised: [], packaging: '' };

export const toFloorParcel = (parcelId: string, { parcel, status, wave, carrier, waybill, lines, packed, photos }: FloorState, advice: readonly api.PackingAdvice[] = [], urlOf: (sha256: string) => string = () => ''): api.FloorParcel => {
  const { foId = '', number = '', warehouse = '', priority = 0, releasedAt = '' } = parcel ?? {};
  return {
    parcelId, foId, number, warehouse, state: status, wave, carrier, waybill, size: sizeOf(gramsOf(lines)), priority, releasedAt, advice,
    lines: lines.map(({ sku, name, quantity, scanned }) => ({ sku, name, quantity, scanned })),
    evidence: packed === null ? noEvidence : { packedAt: packed.packedAt, by: packed.by, packer: packed.packer, grams: packed.grams, expectedGrams: packed.expectedGrams, advised: packed.advised, packaging: packed.packaging },
    photos: photos.map((one) => ({ ...one, url: urlOf(one.sha256) })),
  };
};

/** A wave with its pick list and its parcels, by the bins that are known; without them the figures alone. */
export const toWave = (state: NonNullable<WaveState>, bins?: ReadonlyMap<string, string>): api.Wave => {
  const { wave, warehouse, madeAt, endedAt, parcels, filter } = state;
  const inside = parcels.filter(inIt);
  return {
    wave, warehouse, state: endedAt === '' ? 'OPEN' : 'ENDED', madeAt, endedAt, filter,
    parcels: inside.length, packed: inside.filter((one) => one.state === 'PACKED').length, left: parcels.length - inside.length,
    pickList: bins ? pickListOf(state, bins) : [],
    contents: bins ? parcels.map(({ parcelId, foId, number, lines, state: as }) => ({ parcelId, foId, number, state: as, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) })) : [],
  };
};

const pickListOf = (state: NonNullable<WaveState>, bins: ReadonlyMap<string, string>): readonly api.PickLine[] => {
  const pickedBySku = new Map(state.picked.map(({ sku, quantity }) => [sku, quantity] as const));
  const wanted = new Map<string, { name: string; quantity: number; readonly parcels: Set<string> }>();
  // One pass over all lines: a sum per SKU over all parcels would be quadratic.
  for (const one of state.parcels) {
    for (const { sku, name, quantity } of one.lines) {
      const line = wanted.get(sku) ?? { name, quantity: 0, parcels: new Set() };
      wanted.set(sku, line);
      line.name = name;
      if (!inIt(one)) continue;
      line.quantity += quantity;
      line.parcels.add(one.parcelId);
    }
  }
  return [...wanted]
    .map(([sku, { name, quantity, parcels }]): api.PickLine => {
      const picked = pickedBySku.get(sku) ?? 0;
      return { bin: bins.get(sku) ?? '', sku, name, quantity, picked, putBack: Math.max(0, picked - quantity), parcels: parcels.size };
    })
    // What nobody wants any more and nobody has fetched is no line.
    .filter(({ quantity, picked }) => quantity > 0 || picked > 0)
    .toSorted((a, b) => Number(a.bin === '') - Number(b.bin === '') || (a.bin === b.bin ? (a.sku < b.sku ? -1 : 1) : a.bin < b.bin ? -1 : 1));
};

/** Waves, the newest first, after one. */
export const listWaves = async (pool: Pool, filter: { readonly warehouse: string; readonly open: boolean }, limit: number, after: readonly string[] | undefined): Promise<readonly api.Wave[]> => {
  const values: unknown[] = [limit];
  const conditions = ['true', ...(filter.open ? ['open'] : []), ...(filter.warehouse === '' ? [] : [`warehouse = $${values.push(filter.warehouse)}`])];
  if (after) conditions.push(`(made_at, wave) < ($${values.push(after[0])}, $${values.push(after[1])})`);
  const { rows } = await pool.query<{ state: NonNullable<WaveState> }>(`SELECT state FROM read.wave WHERE ${conditions.join(' AND ')} ORDER BY made_at DESC, wave DESC LIMIT $1`, values);
  return rows.map(({ state }) => toWave(state));
};

/** Parcels on the floor, most urgent first, after one; "" = all. */
export const listFloorParcels = async (pool: Pool, filter: { readonly warehouse: string; readonly status: string; readonly wave: string }, limit: number, after: readonly string[] | undefined): Promise<readonly api.FloorParcel[]> => {
  const values: unknown[] = [limit];
  // What was told of parcels that were never released to us is no parcel of the floor.
  const conditions = ["warehouse <> ''"];
  for (const column of ['warehouse', 'status', 'wave'] as const) if (filter[column] !== '') conditions.push(`${column} = $${values.push(filter[column])}`);
  if (after) conditions.push(`(rank, released_at, parcel_id) > ($${values.push(-Number(after[0]))}, $${values.push(after[1])}, $${values.push(after[2])})`);
  const { rows } = await pool.query<{ parcel_id: string; state: FloorState }>(`SELECT parcel_id, state FROM read.floor_parcel WHERE ${conditions.join(' AND ')} ORDER BY rank, released_at, parcel_id LIMIT $1`, values);
  return rows.map(({ parcel_id, state }) => toFloorParcel(parcel_id, state));
};
