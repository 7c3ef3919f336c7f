import type { Decider, Message } from '@flotilla/decider';
import type { Recorded, Transaction } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { Bin, BinEvent } from '../../decide/waves/bin.decider.js';
import { sizeOf } from '../../decide/waves/filter.js';
import { floor, gramsOf, type FloorCommand, type FloorState } from '../../decide/waves/floor.decider.js';
import type { FloorEvent } from '../../decide/waves/floor.events.js';
import { wave, type WaveCommand, type WaveState } from '../../decide/waves/wave.decider.js';
import type { WaveEvent } from '../../decide/waves/wave.events.js';

export const WaveTables = sqlMigration('WaveTables', 1764700000001, [
  // Both hold the folded state, so that what follows is folded onto it.
  // rank: −priority, so that a page goes on by one row comparison.
  `CREATE TABLE read.floor_parcel (
     parcel_id text PRIMARY KEY, warehouse text NOT NULL, status text NOT NULL, wave text NOT NULL, carrier text NOT NULL, waybilled boolean NOT NULL, service text NOT NULL, country text NOT NULL,
     province text NOT NULL, size text NOT NULL, rank bigint NOT NULL, released_at text NOT NULL, state jsonb NOT NULL)`,
  'CREATE INDEX floor_parcel_by_rank ON read.floor_parcel (rank, released_at, parcel_id)',
  'CREATE INDEX floor_parcel_of_warehouse ON read.floor_parcel (warehouse, status, rank, released_at, parcel_id)',
  "CREATE INDEX floor_parcel_of_wave ON read.floor_parcel (wave, rank, released_at, parcel_id) WHERE wave <> ''",
  'CREATE TABLE read.wave (wave text PRIMARY KEY, warehouse text NOT NULL, open boolean NOT NULL, made_at text NOT NULL, state jsonb NOT NULL)',
  'CREATE INDEX wave_by_age ON read.wave (made_at DESC, wave DESC)',
]);

/** Which articles lie in a bin, and articles by barcode: what a scanner reads. */
export const ScanLookups = sqlMigration('ScanLookups', 1764800000002, [
  'CREATE TABLE read.bin (warehouse text NOT NULL, sku text NOT NULL, bin text NOT NULL, PRIMARY KEY (warehouse, sku))',
  "CREATE INDEX bin_by_name ON read.bin (warehouse, bin) WHERE bin <> ''",
  `INSERT INTO read.bin SELECT DISTINCT ON (stream_id) data->>'warehouse', data->>'sku', data->>'bin' FROM es.event WHERE type = 'BinSet' ORDER BY stream_id, version DESC`,
  'CREATE INDEX article_by_barcode ON read.article USING gin (barcodes)',
]);

// The states of those that a batch is about, folded onto what the table has of them.
const folded = async <S, C extends Message, E extends Message>(decider: Decider<S, C, E>, events: readonly Recorded[], stored: (ids: readonly string[]) => Promise<readonly (readonly [string, S])[]>): Promise<ReadonlyMap<string, S>> => {
  const prefix = `${decider.category}-`;
  const own = events.filter(({ stream }) => stream.startsWith(prefix));
  if (own.length === 0) return new Map();
  const states = new Map(await stored([...new Set(own.map(({ stream }) => stream.slice(prefix.length)))]));
  for (const event of own) {
    const id = event.stream.slice(prefix.length);
    states.set(id, decider.evolve(states.get(id) ?? decider.initial, event as unknown as E));
  }
  return states;
};

const projectBins = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  const bins = new Map<string, Bin>();
  for (const { stream, data } of events) if (stream.startsWith('bin-')) bins.set(stream, (data as BinEvent['data']));
  if (bins.size > 0) await tx.query('INSERT INTO read.bin SELECT warehouse, sku, bin FROM jsonb_populate_recordset(NULL::read.bin, $1) ON CONFLICT (warehouse, sku) DO UPDATE SET bin = excluded.bin', [JSON.stringify([...bins.values()])]);
};

export const projectWaves = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  await projectBins(events, tx);
  const parcels = await folded<FloorState, FloorCommand, FloorEvent>(floor, events, async (ids) => (await tx.query<{ id: string; state: FloorState }>('SELECT parcel_id AS id, state FROM read.floor_parcel WHERE parcel_id = ANY($1)', [ids])).rows.map(({ id, state }) => [id, state] as const));
  if (parcels.size > 0) {
    await tx.query(
      `INSERT INTO read.floor_parcel SELECT * FROM jsonb_populate_recordset(NULL::read.floor_parcel, $1)
       ON CONFLICT (parcel_id) DO UPDATE SET warehouse = excluded.warehouse, status = excluded.status, wave = excluded.wave, carrier = excluded.carrier, waybilled = excluded.waybilled, service = excluded.service,
         country = excluded.country, province = excluded.province, size = excluded.size, rank = excluded.rank, released_at = excluded.released_at, state = excluded.state`,
      [JSON.stringify([...parcels].map(([id, state]) => parcelRow(id, state)))],
    );
  }
  const waves = await folded<WaveState, WaveCommand, WaveEvent>(wave, events, async (ids) => (await tx.query<{ id: string; state: WaveState }>('SELECT wave AS id, state FROM read.wave WHERE wave = ANY($1)', [ids])).rows.map(({ id, state }) => [id, state] as const));
  if (waves.size > 0) {
    await tx.query(
      `INSERT INTO read.wave SELECT * FROM jsonb_populate_recordset(NULL::read.wave, $1)
       ON CONFLICT (wave) DO UPDATE SET warehouse = excluded.warehouse, open = excluded.open, made_at = excluded.made_at, state = excluded.state`,
      [JSON.stringify([...waves].flatMap(([id, state]) => (state === null ? [] : [{ wave: id, warehouse: state.warehouse, open: state.endedAt === '', made_at: state.madeAt, state }])))],
    );
  }
};

const parcelRow = (id: string, state: FloorState): object => {
  const { parcel, status, wave: of, carrier, waybill, lines } = state;
  const { warehouse = '', service = '', country = '', province = '', priority = 0, releasedAt = '' } = parcel ?? {};
  return { parcel_id: id, warehouse, status, wave: of, carrier, waybilled: waybill !== '', service, country, province, size: sizeOf(gramsOf(lines)), rank: -priority, released_at: releasedAt, state };
};
