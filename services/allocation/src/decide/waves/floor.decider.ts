/*
 * A parcel on the floor. It stands in one wave at a time, which is decided here.
 *
 * state       a wave   a scan   a photo  short    packed   wave over   other goods          void, refused     shipped
 * NONE        –        –        –        –        –        –           –                    tombstone         tombstone
 * WAITING     PICKING  refused  refused  refused  refused  –           WAITING              CANCELLED, …      SHIPPED
 * PICKING     refused  counted  kept     SHORT    PACKED¹  WAITING     WAITING, out of it   out of it         SHIPPED, out of it
 * PACKED      refused  refused  kept     refused  PACKED   –           WAITING, out of it   out of it         SHIPPED
 * SHORT       refused  refused  refused  refused  refused  –           –                    CANCELLED, …      SHIPPED
 *
 * ¹ when every unit of every line was scanned.
 */
import type { common } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { quantity } from '../names.js';
import type { Media } from '../media.js';
import type { Because, FloorEvent, FloorItem, Packed, ReleasedParcel } from './floor.events.js';

export type FloorCommand =
  | { readonly type: 'Release'; readonly data: ReleasedParcel }
  | { readonly type: 'NoteCarrier'; readonly data: { readonly parcelId: string; readonly carrier: string; readonly waybill: string } }
  | { readonly type: 'ChangeItems'; readonly data: { readonly parcelId: string; readonly items: readonly FloorItem[]; readonly at: string } }
  | { readonly type: 'JoinWave'; readonly data: { readonly parcelId: string; readonly wave: string; readonly at: string } }
  | { readonly type: 'LeaveWave'; readonly data: { readonly parcelId: string; readonly wave: string; readonly at: string } }
  /** `sku`: whose code it is; "" = of no article of this parcel. */
  | { readonly type: 'ScanItem'; readonly data: { readonly parcelId: string; readonly code: string; readonly sku: string; readonly by: string; readonly at: string } }
  | { readonly type: 'ReportShort'; readonly data: { readonly parcelId: string; readonly missing: common.SkuQuantity; readonly by: string; readonly at: string } }
  | { readonly type: 'PackParcel'; readonly data: Pick<Packed, 'parcelId' | 'grams' | 'packedAt' | 'by' | 'packer' | 'advised' | 'packaging'> }
  | { readonly type: 'AttachPhoto'; readonly data: { readonly parcelId: string; readonly by: string; readonly at: string } & Media }
  | { readonly type: 'EndParcel'; readonly data: { readonly parcelId: string; readonly how: 'CANCELLED' | 'REFUSED' | 'SHIPPED'; readonly at: string } };

export type FloorStatus = 'NONE' | 'WAITING' | 'PICKING' | 'PACKED' | 'SHORT' | 'CANCELLED' | 'REFUSED' | 'SHIPPED';

export interface FloorLine extends FloorItem {
  readonly scanned: number;
}

export interface FloorState {
  readonly status: FloorStatus;
  readonly parcel: Omit<ReleasedParcel, 'items'> | null;
  readonly lines: readonly FloorLine[];
  /** Of the waybill; before there is one, what the rules would take. */
  readonly carrier: string;
  readonly waybill: string;
  /** That it stands in, or was packed in. */
  readonly wave: string;
  readonly packed: Packed | null;
  /** Of this packing. */
  readonly photos: readonly (Media & { readonly attachedAt: string; readonly by: string })[];
}

const initial: FloorState = { status: 'NONE', parcel: null, lines: [], carrier: '', waybill: '', wave: '', packed: null, photos: [] };

const unscanned = (items: readonly FloorItem[]): readonly FloorLine[] => items.map(({ sku, name, quantity: units, grams }) => ({ sku, name, quantity: units, grams, scanned: 0 }));

// Where a parcel stands that was taken out of its wave: what ends it is said by an event of its own.
const afterwards: Readonly<Record<Because, FloorStatus>> = { CANCELLED: 'CANCELLED', CHANGED: 'WAITING', SHORT: 'SHORT', REFUSED: 'REFUSED', SHIPPED: 'SHIPPED', WAVE_ENDED: 'WAITING' };

const evolve = (state: FloorState, event: FloorEvent): FloorState => {
  switch (event.type) {
    case 'ParcelReleased': {
      const { items, ...parcel } = event.data;
      return { ...state, status: 'WAITING', parcel, lines: unscanned(items), carrier: state.carrier || parcel.carrier };
    }
    case 'CarrierNoted':
      return { ...state, carrier: event.data.carrier, waybill: event.data.waybill };
    case 'ItemsChanged':
      return { ...state, lines: unscanned(event.data.items) };
    case 'PickingStarted':
      return { ...state, status: 'PICKING', wave: event.data.wave };
    case 'PickingStopped':
      return { ...state, status: afterwards[event.data.because], wave: '', packed: null, photos: [], lines: unscanned(state.lines) };
    case 'ItemScanned':
      return { ...state, lines: state.lines.map((line) => (line.sku === event.data.sku ? { ...line, scanned: line.scanned + 1 } : line)) };
    case 'ParcelPacked':
      return { ...state, status: 'PACKED', packed: event.data };
    case 'PackingPhotoAttached': {
      const { sha256, bytes, mediaType, attachedAt, by } = event.data;
      return { ...state, photos: [...state.photos, { sha256, bytes, mediaType, attachedAt, by }] };
    }
    case 'FloorEnded':
      return { ...state, status: event.data.how };
    default:
      return state;
  }
};

/** What is still to be scanned. */
export const expected = ({ lines }: Pick<FloorState, 'lines'>): readonly common.SkuQuantity[] => lines.filter((line) => line.scanned < line.quantity).map((line) => ({ sku: line.sku, quantity: line.quantity - line.scanned }));

const named = (lines: readonly common.SkuQuantity[]): string => lines.slice(0, 20).map(({ sku, quantity: units }) => `${units} × ${sku}`).join(', ') || 'nothing more';

const stopped = ({ parcel, wave }: FloorState, because: Because, at: string): readonly FloorEvent[] =>
  parcel === null || wave === '' ? [] : [{ type: 'PickingStopped', data: { foId: parcel.foId, parcelId: parcel.parcelId, warehouse: parcel.warehouse, wave, because, at } }];

const same = (lines: readonly FloorItem[], items: readonly FloorItem[]): boolean =>
  lines.length === items.length && items.every(({ sku, quantity: units }) => lines.some((line) => line.sku === sku && line.quantity === units));

const changeItems = ({ data: { parcelId, items, at } }: Of<FloorCommand, 'ChangeItems'>, state: FloorState): readonly FloorEvent[] => {
  const open = state.status === 'WAITING' || state.status === 'PICKING' || state.status === 'PACKED';
  // Another address alone changes nothing that is fetched. A change without items says nothing of them.
  if (!open || items.length === 0 || same(state.lines, items)) return [];
  return [...stopped(state, 'CHANGED', at), { type: 'ItemsChanged', data: { parcelId, items } }];
};

const picking = (state: FloorState, parcelId: string): NonNullable<FloorState['parcel']> => {
  if (state.parcel === null) throw new Refused('NOT_FOUND', `no parcel ${parcelId} was released; list them with Waves/ListParcels`);
  if (state.status !== 'PICKING') throw new Refused('NOT_IN_WAVE', `parcel ${parcelId} is ${state.status} and is not being picked`);
  return state.parcel;
};

const scan = ({ data: { parcelId, code, sku, by, at } }: Of<FloorCommand, 'ScanItem'>, state: FloorState): readonly FloorEvent[] => {
  picking(state, parcelId);
  const line = state.lines.find((one) => one.sku === sku);
  const wanted = named(expected(state));
  if (!line) throw new Refused('WRONG_ITEM', `"${code}" does not belong into parcel ${parcelId}; expected: ${wanted}`, { expected: wanted });
  if (line.scanned >= line.quantity) throw new Refused('SURPLUS_ITEM', `parcel ${parcelId} has its ${line.quantity} of ${sku}; expected: ${wanted}`, { expected: wanted });
  return [{ type: 'ItemScanned', data: { parcelId, wave: state.wave, sku, code, by, at } }];
};

const reportShort = ({ data: { parcelId, missing, by, at } }: Of<FloorCommand, 'ReportShort'>, state: FloorState): readonly FloorEvent[] => {
  const { foId, warehouse } = picking(state, parcelId);
  const open = expected(state).find(({ sku }) => sku === missing.sku)?.quantity ?? 0;
  if (quantity(missing.quantity, 'missing') === 0 || missing.quantity > open) throw new Refused('BAD_QUANTITY', `${open} of ${missing.sku} are still to be scanned for parcel ${parcelId}; ${missing.quantity} cannot be missing`);
  return [{ type: 'PickShort', data: { parcelId, foId, warehouse, wave: state.wave, missing: [missing], by, at } }, ...stopped(state, 'SHORT', at)];
};

const MOST_PHOTOS = 8;

const attachPhoto = ({ data: { parcelId, by, at, sha256, bytes, mediaType } }: Of<FloorCommand, 'AttachPhoto'>, state: FloorState): readonly FloorEvent[] => {
  const { foId, warehouse } = state.status === 'PACKED' && state.parcel !== null ? state.parcel : picking(state, parcelId);
  if (state.photos.some((one) => one.sha256 === sha256)) return [];
  if (state.photos.length >= MOST_PHOTOS) throw new Refused('TOO_LARGE', `parcel ${parcelId} has ${MOST_PHOTOS} photos already`);
  return [{ type: 'PackingPhotoAttached', data: { foId, parcelId, warehouse, wave: state.wave, sha256, bytes, mediaType, attachedAt: at, by } }];
};

const HEAVIEST = 10_000_000;

const pack = ({ data }: Of<FloorCommand, 'PackParcel'>, state: FloorState): readonly FloorEvent[] => {
  if (state.status === 'PACKED') return [];
  const { foId, warehouse } = picking(state, data.parcelId);
  const left = expected(state);
  if (left.length > 0) throw new Refused('NOT_SCANNED', `scan ${named(left)} before parcel ${data.parcelId} is closed`, { expected: named(left) });
  if (quantity(data.grams, 'grams') === 0 || data.grams > HEAVIEST) throw new Refused('BAD_QUANTITY', `weigh the parcel: ${data.grams} g is no weight from 1 to ${HEAVIEST}`);
  return [{ type: 'ParcelPacked', data: { ...data, foId, warehouse, wave: state.wave, expectedGrams: gramsOf(state.lines) } }];
};

/** Of all its items, without packaging. */
export const gramsOf = (items: readonly FloorItem[]): number => items.reduce((sum, { quantity: units, grams }) => sum + units * grams, 0);

const end = ({ data }: Of<FloorCommand, 'EndParcel'>, state: FloorState): readonly FloorEvent[] => {
  if (state.status === 'SHIPPED' || state.status === data.how) return [];
  // What was packed and leaves has done its wave's work.
  const out = state.status === 'PICKING' || (state.status === 'PACKED' && data.how !== 'SHIPPED') ? stopped(state, data.how, data.at) : [];
  return [...out, { type: 'FloorEnded', data }];
};

const decide = (command: FloorCommand, state: FloorState): readonly FloorEvent[] => {
  switch (command.type) {
    case 'Release':
      return state.status === 'NONE' ? [{ type: 'ParcelReleased', data: command.data }] : [];
    case 'NoteCarrier': {
      const { carrier, waybill } = command.data;
      return state.waybill === waybill && state.carrier === carrier ? [] : [{ type: 'CarrierNoted', data: command.data }];
    }
    case 'ChangeItems':
      return changeItems(command, state);
    case 'JoinWave': {
      const { parcelId, wave, at } = command.data;
      if (state.status !== 'WAITING' || state.parcel === null) throw new Refused('NOT_IN_WAVE', `parcel ${parcelId} is ${state.status} and waits for no wave`);
      const { foId, warehouse } = state.parcel;
      return [{ type: 'PickingStarted', data: { foId, parcelId, warehouse, wave, at } }];
    }
    case 'LeaveWave':
      return state.status === 'PICKING' && state.wave === command.data.wave ? stopped(state, 'WAVE_ENDED', command.data.at) : [];
    case 'ScanItem':
      return scan(command, state);
    case 'ReportShort':
      return reportShort(command, state);
    case 'PackParcel':
      return pack(command, state);
    case 'AttachPhoto':
      return attachPhoto(command, state);
    case 'EndParcel':
      return end(command, state);
    default:
      return unreachable(command);
  }
};

/** Stream `floor-<parcel id>`. */
export const floor: Decider<FloorState, FloorCommand, FloorEvent> = { category: 'floor', stateVersion: 1, initial, evolve, decide };
