import { Readable } from 'node:stream';
import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { Request, Task, Unit } from '@flotilla/event-store';
import { pageOf, pageToken, repeatable, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { toInstant } from '@flotilla/values';
import { streamsOfLock } from '../../coordinate/participant.js';
import { moveShelf } from '../../coordinate/shelf.js';
import { endWave, makeWave, moveParcel, reportShort, type Short, type WaveWish } from '../../coordinate/waves.js';
import { allocation } from '../../decide/allocation.decider.js';
import { partsOf } from '../../decide/allocation.state.js';
import { isSku, isWarehouse, quantity as counted, stockId } from '../../decide/names.js';
import { sku as article } from '../../decide/sku.decider.js';
import type { SkuState } from '../../decide/sku.decider.js';
import { stock } from '../../decide/stock.decider.js';
import { warehouse } from '../../decide/warehouse.decider.js';
import { adviceFor } from '../../decide/waves/advice.js';
import { bin } from '../../decide/waves/bin.decider.js';
import { SIZES } from '../../decide/waves/filter.js';
import { floor, type FloorCommand, type FloorState } from '../../decide/waves/floor.decider.js';
import { known, MOST_PARCELS, wave, type WaveState } from '../../decide/waves/wave.decider.js';
import type { MediaStore } from '../../perform/media.js';
import { candidatesOf, listFloorParcels, listWaves, toFloorParcel, toWave } from '../../query/waves.query.js';
import { withVictims } from '../../query/victims.js';
import { importRows } from '../import.js';
import { isParcelId } from './floor-events.consumer.js';

type Context = Pick<ServiceContext, 'store' | 'pool' | 'clock'>;

const MOST_ZONES = 100;

const named = (id: string): string => {
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(id)) throw new Refused('BAD_REQUEST', `"${id.slice(0, 60)}" cannot be a wave's id: letters, digits, "_" and "-", at most 60`);
  return id;
};

const checked = (filter: api.WaveFilter): api.WaveFilter => {
  const { carrier, zones, sizes, releasedBefore, service } = filter;
  for (const size of sizes) if (!SIZES.includes(size)) throw new Refused('BAD_REQUEST', `size "${size.slice(0, 20)}" is none of ${SIZES.join(', ')}`);
  if (zones.length > MOST_ZONES || [carrier, service, ...zones].some((text) => text.length > 60)) throw new Refused('TOO_LARGE', `a filter names at most ${MOST_ZONES} zones, each in at most 60 characters`);
  return { ...filter, releasedBefore: releasedBefore === '' ? '' : toInstant(releasedBefore) };
};

/** Waves of a warehouse: made, picked, cut short, ended. `keeps`: whether the warehouse's ledger is in this database; what others hold, their own ledger says. */
export const wavesGrpc = ({ store, pool, clock }: Context, keeps: (site: api.Warehouse) => boolean): Served => {
  const at = (): string => clock.business().toISOString();
  const stateOf = async (id: string): Promise<NonNullable<WaveState>> => known((await store.folded(wave, [named(id)])).get(id)!.state, id);
  const shown = async (id: string): Promise<api.Wave> => {
    const state = await stateOf(id);
    const ids = [...new Set(state.parcels.flatMap(({ lines }) => lines.map(({ sku }) => sku)))].filter(isSku).map((sku) => [sku, stockId(state.warehouse, sku)] as const);
    const bins = await store.folded(bin, ids.map(([, place]) => place));
    return toWave(state, new Map(ids.map(([sku, place]) => [sku, bins.get(place)!.state])));
  };

  // Goods that are not there leave the ledger, too; the promises that go with them are those of the parcels that are short.
  const takeOff = (unit: Unit, site: string, { sku, missing }: Short, short: readonly string[], victims: readonly string[]): void => {
    const described = unit.state(warehouse, site);
    if (described === null || !keeps(described)) return;
    const { onHand, unsellable } = unit.state(stock, stockId(site, sku));
    const units = Math.min(missing, onHand - unsellable);
    if (units <= 0) return;
    const own = short.flatMap((foId) => partsOf(unit.state(allocation, foId)).flatMap(([lockId, lock]) => (lock.warehouse === site && lock.state === 'CONFIRMED' ? [lockId] : [])));
    moveShelf(unit, { type: 'AdjustStock', data: { warehouse: site, sku, delta: -units, reason: 'PICK_SHORT' } }, [...own, ...victims]);
  };

  // Whoever may go without is named beforehand, with what is promised to it: a unit takes a hundred streams at most that it does not name.
  const concerned = async (parcels: NonNullable<WaveState>['parcels'], { sku, parcelId }: Short): Promise<Task['streams']> => {
    const open = parcels.filter((one) => one.state === 'PICKING' && (parcelId === '' || one.parcelId === parcelId) && one.lines.some((line) => line.sku === sku));
    const sagas = await store.folded(allocation, open.map(({ foId }) => foId));
    return open.flatMap(({ parcelId: of, foId }) => [[floor, of], [allocation, foId], ...partsOf(sagas.get(foId)!.state).flatMap(([lockId, { warehouse: from, lines }]) => streamsOfLock(lockId, from, lines))]);
  };

  const cutShort = async ({ warehouse: site, parcels }: NonNullable<WaveState>, short: Short, call: Call, request: Request): Promise<void> => {
    const { wave: id, sku } = short;
    const mine = await concerned(parcels, short);
    await withVictims({ pool }, streamsOfLock, (victims, streams) =>
      store.execute({ streams: [[wave, id], [warehouse, site], [article, sku], [stock, stockId(site, sku)], ...mine, ...streams], meta: call.meta, decide: (unit) => takeOff(unit, site, short, reportShort(unit, short), victims) }, request),
    );
  };

  return serve(api.Waves, {
    make: async (request, call) => {
      const { warehouse: site, mostParcels, mostUnits, mostGrams } = request;
      const id = named(request.wave);
      if (!isWarehouse(site) || !(await store.folded(warehouse, [site])).get(site)!.state) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${site.slice(0, 40)}"; list them with Warehouses/List`);
      if (mostParcels > MOST_PARCELS) throw new Refused('TOO_LARGE', `a wave has at most ${MOST_PARCELS} parcels`);
      const capacity = { parcels: counted(mostParcels, 'most_parcels'), units: counted(mostUnits, 'most_units'), grams: counted(mostGrams, 'most_grams') };
      const wish: WaveWish = { wave: id, warehouse: site, filter: checked(request.filter), capacity, by: call.caller, at: at() };
      const candidates = await candidatesOf(pool, site, wish.filter, capacity.parcels || MOST_PARCELS);
      await store.execute({ streams: [[wave, id], ...candidates.map((parcelId) => [floor, parcelId] as const)], meta: call.meta, decide: (unit) => makeWave(unit, wish, candidates) }, call.request(request));
      return shown(id);
    },
    get: ({ wave: id }) => shown(id),
    list: async ({ page, warehouse: site, open }) => {
      const question = ['waves', site, open];
      const { limit, after } = pageOf(page, question);
      const waves = await listWaves(pool, { warehouse: site, open }, limit, after);
      const last = waves.at(-1);
      return { waves, nextToken: last && waves.length === limit ? pageToken([last.madeAt, last.wave], question) : '' };
    },
    recordPick: async (request, call) => {
      const { sku, quantity } = request;
      const id = named(request.wave);
      if (!isSku(sku)) throw new Refused('WRONG_ITEM', `no parcel of wave ${id} has "${sku.slice(0, 40)}"`);
      await store.execute({ streams: [[wave, id]], meta: call.meta, decide: (unit) => void unit.run(wave, id, { type: 'RecordPick', data: { wave: id, sku, quantity, by: call.caller, at: at() } }) }, repeatable(call, request));
      return shown(id);
    },
    reportShort: async (request, call) => {
      const { sku, missing, parcelId } = request;
      const state = await stateOf(request.wave);
      const { wave: id } = state;
      if (!isSku(sku)) throw new Refused('BAD_QUANTITY', `no parcel of wave ${id} has "${sku.slice(0, 40)}"`);
      await cutShort(state, { wave: id, sku, missing, parcelId, by: call.caller, at: at() }, call, repeatable(call, request));
      return shown(id);
    },
    end: async (request, call) => {
      const { wave: id, parcels } = await stateOf(request.wave);
      await store.execute({ streams: [[wave, id], ...parcels.map(({ parcelId }) => [floor, parcelId] as const)], meta: call.meta, decide: (unit) => endWave(unit, id, at()) }, call.request(request));
      return shown(id);
    },
    importBins: (chunks, call) =>
      importRows(chunks, ['warehouse', 'sku', 'bin'], async ({ values }) => {
        const { warehouse: site = '', sku = '', bin: where = '' } = values;
        if (!isWarehouse(site)) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${site.slice(0, 40)}"`);
        if (!isSku(sku)) throw new Refused('UNKNOWN_SKU', `"${sku.slice(0, 40)}" is not in the catalogue`);
        const { answer } = await store.execute({
          streams: [[warehouse, site], [article, sku], [bin, stockId(site, sku)]],
          meta: call.meta,
          decide: (unit) => {
            if (unit.state(warehouse, site) === null) throw new Refused('UNKNOWN_WAREHOUSE', `no warehouse "${site}"; import it with Warehouses/Import`);
            if (unit.state(article, sku) === null) throw new Refused('UNKNOWN_SKU', `"${sku}" is not in the catalogue; import it with Catalogue/Import`);
            return unit.run(bin, stockId(site, sku), { type: 'SetBin', data: { warehouse: site, sku, bin: where } }).length > 0;
          },
        });
        return answer;
      }),
    listParcels: async ({ page, warehouse: site, state: status, wave: id }) => {
      const question = ['floor parcels', site, status, id];
      const { limit, after } = pageOf(page, question);
      if (after && !/^-?\d{1,10}$/.test(after[0]!)) throw new Refused('BAD_PAGE_TOKEN', 'page.token does not belong to this list');
      const parcels = await listFloorParcels(pool, { warehouse: site, status, wave: id }, limit, after);
      const last = parcels.at(-1);
      return { parcels, nextToken: last && parcels.length === limit ? pageToken([String(last.priority), last.releasedAt, last.parcelId], question) : '' };
    },
  });
};

interface Photos {
  /** Absent where none are taken. */
  readonly store: MediaStore | undefined;
  readonly urlOf: (sha256: string) => string;
}

/** The pack station: what is scanned for a parcel, how it is to be packed, and that it was. */
export const packingGrpc = ({ store, clock }: Context, photos: Photos): Served => {
  const at = (): string => clock.business().toISOString();
  const stateOf = async (parcelId: string): Promise<FloorState> => {
    const state = isParcelId(parcelId) ? (await store.folded(floor, [parcelId])).get(parcelId)!.state : null;
    if (state === null || state.parcel === null) throw new Refused('NOT_FOUND', `no parcel "${parcelId.slice(0, 100)}" was released; list them with Waves/ListParcels`);
    return state;
  };
  // The catalogue as it is now: a barcode that was added a minute ago counts.
  const articlesOf = async ({ lines }: FloorState): Promise<readonly SkuState[]> => [...(await store.folded(article, lines.map(({ sku }) => sku).filter(isSku))).values()].map(({ state }) => state);
  const shown = async (parcelId: string): Promise<api.FloorParcel> => {
    const state = await stateOf(parcelId);
    return toFloorParcel(parcelId, state, adviceFor(await articlesOf(state)), photos.urlOf);
  };
  const move = async (parcelId: string, command: FloorCommand, call: Call, request: Request): Promise<api.FloorParcel> => {
    await store.execute({ streams: [[floor, parcelId]], meta: call.meta, decide: (unit) => void moveParcel(unit, parcelId, command) }, request);
    return shown(parcelId);
  };
  return serve(api.Packing, {
    get: ({ parcelId }) => shown(parcelId),
    scan: async (request, call) => {
      const { parcelId } = request;
      const code = request.code.trim();
      if (code === '' || code.length > 100) throw new Refused('BAD_REQUEST', 'scan a barcode or a SKU, of at most 100 characters');
      const state = await stateOf(parcelId);
      const sku = state.lines.find((line) => line.sku === code)?.sku ?? (await articlesOf(state)).find((one) => one?.barcodes.includes(code))?.sku ?? '';
      return move(parcelId, { type: 'ScanItem', data: { parcelId, code, sku, by: call.caller, at: at() } }, call, repeatable(call, request));
    },
    pack: async (request, call) => {
      const { parcelId, grams, packer, packaging } = request;
      if (packer.length > 60 || packaging.length > 200) throw new Refused('BAD_REQUEST', 'packer has at most 60 characters, packaging 200');
      const advised = adviceFor(await articlesOf(await stateOf(parcelId))).map(({ code }) => code);
      return move(parcelId, { type: 'PackParcel', data: { parcelId, grams, packedAt: at(), by: call.caller, packer, advised, packaging } }, call, repeatable(call, request));
    },
    // Its hash makes it once, so that it needs no request_id.
    attachPhoto: async (chunks, call) => {
      const incoming = chunks[Symbol.asyncIterator]();
      const first = await incoming.next();
      if (first.done) throw new Refused('BAD_REQUEST', 'nothing was sent; the first chunk names the parcel');
      const { parcelId, sha256 } = first.value;
      if (photos.store === undefined) throw new Refused('UNAVAILABLE', 'no photos are taken here: FLOTILLA_VIDEO_DIR is not set');
      if (!/^(?:[0-9a-f]{64})?$/.test(sha256)) throw new Refused('BAD_REQUEST', 'sha256 is 64 digits in hex, in small letters');
      const said = { parcelId, by: call.caller, at: at() };
      // Nothing is read of a photo that could not be attached.
      floor.decide({ type: 'AttachPhoto', data: { ...said, sha256, bytes: 0, mediaType: '' } }, await stateOf(parcelId));
      const kept = await photos.store.keep(Readable.from(bytesOf(first.value, incoming)), sha256 || undefined);
      await store.execute({ streams: [[floor, parcelId]], meta: call.meta, decide: (unit) => void moveParcel(unit, parcelId, { type: 'AttachPhoto', data: { ...said, ...kept } }) });
      return shown(parcelId);
    },
  });
};

async function* bytesOf(first: api.PhotoChunk, rest: AsyncIterator<api.PhotoChunk>): AsyncGenerator<Uint8Array> {
  yield first.data;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value.data;
}
