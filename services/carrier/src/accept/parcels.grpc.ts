import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { EventStore, Meta, Request } from '@flotilla/event-store';
import { pageOf, pageToken, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { parcel } from '../decide/parcel.decider.js';
import type { ParcelPlan } from '../decide/parcel.events.js';
import { gramsOf, quote } from '../decide/quote.js';
import { rateCard, rateCardIdOf } from '../decide/rate-card.decider.js';
import { waybill as waybills, waybillIdOf } from '../decide/waybill.decider.js';
import type { CarrierManifest } from '../perform/carriers/carrier.js';
import { isExternalNumber } from '../perform/carriers/foreign.js';
import type { Labels } from '../perform/labels/labels.js';
import { placeText } from '../perform/labels/label-fields.js';
import { senderOf, type Warehouses } from '../perform/parties.js';
import { ownerOf, readParcel } from '../query/parcel.query.js';
import { findParcels, labelPrinted, listParcels } from '../query/parcels.query.js';
import { externalOf, readExternal, type ExternalNumber } from './external-csv.js';
import { bytesOf, importRows } from './csv.js';

const largestFile = 8 * 1024 * 1024;
const together = 50;
const states = ['', 'PLANNED', 'BUYING', 'UNKNOWN', 'WAYBILLED', 'SHIPPED', 'VOIDING', 'VOIDED', 'REFUSED', 'EXTERNAL'];

export interface ParcelDesk {
  readonly manifests: ReadonlyMap<string, CarrierManifest>;
  readonly warehouses: Warehouses;
  readonly labels: Labels;
  readonly today: () => string;
}

/** A number from a file, for a parcel that somebody else sends; false if it has it already. */
const noteExternal = async (store: EventStore, manifests: ReadonlyMap<string, CarrierManifest>, { parcelId, carrier: name, waybill, shippedAt }: ExternalNumber, meta: Meta, request?: Request): Promise<boolean> => {
  if (!isExternalNumber(manifests, name, waybill)) throw new Refused('BAD_REQUEST', `"${waybill.slice(0, 40)}" does not have the form of a number of ${name.slice(0, 40)}`);
  const claim = waybillIdOf(name, waybill);
  const { answer } = await store.execute({
    streams: [[parcel, parcelId], [waybills, claim]],
    meta,
    decide: (unit) => {
      const { status, plan, waybill: has } = unit.state(parcel, parcelId);
      const holder = unit.state(waybills, claim).parcelId;
      if (plan === null) throw new Refused('NOT_FOUND', `no parcel ${parcelId}; list them with Parcels/List`);
      if (status === 'SHIPPED' && has === waybill && holder === parcelId) return false;
      if (status === 'SHIPPED') throw new Refused('ALREADY_SHIPPED', `parcel ${parcelId} was shipped as ${has}`);
      if (status !== 'EXTERNAL') throw new Refused('BAD_REQUEST', `parcel ${parcelId} is ${status}: it is not one that somebody else sends`);
      if (holder !== '' && holder !== parcelId) throw new Refused('BAD_REQUEST', `${waybill} of ${name} belongs to parcel ${holder}`);
      unit.run(parcel, parcelId, { type: 'NoteExternal', data: { foId: plan.foId, parcelId, warehouse: plan.warehouse, carrier: name, waybill, shippedAt, orders: plan.orders, evidenceSha256: '' } });
      unit.run(waybills, claim, { type: 'ClaimWaybill', data: { carrier: name, waybill, parcelId, purchase: 0 } });
      return true;
    },
  }, request);
  return answer;
};

/** Parcels: what the floor and the operators ask and say. */
export const parcelsGrpc = (ctx: Pick<ServiceContext, 'store' | 'pool' | 'clock'>, { manifests, warehouses, labels, today }: ParcelDesk): Served => {
  const found = async (parcelId: string): Promise<carrier.Parcel> => {
    const parcelFound = await readParcel(ctx.store, parcelId);
    if (!parcelFound) throw new Refused('NOT_FOUND', `no parcel ${parcelId}; list them with Parcels/List`);
    return parcelFound;
  };
  const identified = async (asked: { readonly parcelId: string; readonly waybill: string }): Promise<string> => {
    if (asked.parcelId !== '') return asked.parcelId;
    if (asked.waybill === '') throw new Refused('BAD_REQUEST', 'give a parcel_id or a waybill');
    const owner = await ownerOf(ctx.store, [...manifests.values()], asked.waybill);
    if (owner === undefined) throw new Refused('NOT_FOUND', `no parcel has the waybill ${asked.waybill.slice(0, 64)}; scan it again, or list parcels with Parcels/List`);
    return owner;
  };
  // The bill follows the scale: what the card says for the weighed grams. Without a card for it the planned price stays.
  const freightOf = async (plan: ParcelPlan | null, grams: number): Promise<carrier.ParcelShipped['freight'] | null> =>
    plan && grams > 0 && grams !== gramsOf(plan.items) ? weighedPrice(plan, grams) : null;
  const planOf = async (parcelId: string): Promise<ParcelPlan | null> => (await ctx.store.folded(parcel, [parcelId])).get(parcelId)?.state.plan ?? null;
  // The store that keeps it; said once it is there.
  const pickupPlaceOf = async (plan: ParcelPlan | null): Promise<string> => (plan?.choice.service === 'PICKUP' ? placeText(senderOf(await warehouses.get(plan.warehouse))) : '');
  const weighedPrice = async (plan: ParcelPlan, grams: number): Promise<carrier.ParcelShipped['freight'] | null> => {
    const id = rateCardIdOf(plan.choice.carrier, plan.choice.service);
    const rates = (await ctx.store.folded(rateCard, [id])).get(id)?.state ?? {};
    const { province } = await warehouses.get(plan.warehouse);
    const lane = { fromProvince: province, country: plan.shipTo.country, province: plan.shipTo.province, grams, cubicMm: plan.choice.cubicMm ?? 0, date: today() };
    return quote({ carrier: plan.choice.carrier, service: plan.choice.service, rates }, lane)?.price ?? null;
  };
  return serve(carrier.Parcels, {
    get: async (request) => found(await identified(request)),
    list: async ({ page, state, warehouse }) => {
      if (!states.includes(state)) throw new Refused('BAD_REQUEST', `no state "${state}"; there are ${states.slice(1).join(', ')}`);
      const question = { list: 'parcels', state, warehouse };
      const { limit, after } = pageOf(page, question);
      const { parcels, last } = await listParcels(ctx.pool, { state, warehouse }, limit, after?.[0]);
      return { parcels, nextToken: last === undefined ? '' : pageToken([last], question) };
    },
    find: async ({ code: scanned, warehouse, size }) => {
      const code = scanned.trim();
      if (code === '' || code.length > 100) throw new Refused('BAD_REQUEST', 'scan a code of at most 100 characters');
      // By its own stream, which knows a number the moment it is bought.
      const owner = await ownerOf(ctx.store, [...manifests.values()], code);
      if (owner !== undefined) {
        const parcelFound = await found(owner);
        return { by: 'WAYBILL', parcels: [{ parcel: parcelFound, printed: await labelPrinted(ctx.pool, owner, parcelFound.waybill) }] };
      }
      const { by, parcels } = await findParcels(ctx.pool, code, warehouse, Math.min(size > 0 ? size : 20, 100));
      return { by, parcels: [...parcels] };
    },
    ship: async (request, call) => {
      if (request.weighedGrams < 0) throw new Refused('BAD_QUANTITY', 'weighed_grams is negative');
      const parcelId = await identified(request);
      const plan = await planOf(parcelId);
      const [freight, pickupPlace] = await Promise.all([freightOf(plan, request.weighedGrams), pickupPlaceOf(plan)]);
      const { position } = await ctx.store.execute(
        {
          streams: [[parcel, parcelId]],
          meta: call.meta,
          continues: [parcel, parcelId],
          decide: (unit) => void unit.run(parcel, parcelId, { type: 'Ship', data: { parcelId, waybill: request.waybill, grams: request.weighedGrams, freight, pickupPlace, at: ctx.clock.business().toISOString() } }),
        },
        call.request(request),
      );
      const shipped = await found(parcelId);
      return position > shipped.position ? { ...shipped, position } : shipped;
    },
    importNumbers: async (requests, call) => importRows(readExternal(await bytesOf(requests, largestFile)), together, (row) => noteExternal(ctx.store, manifests, row, call.meta)),
    reportNumber: async (request, call) => {
      const said = externalOf({ parcel_id: request.parcelId, carrier: request.carrier, waybill: request.waybill, shipped_at: request.shippedAt });
      await noteExternal(ctx.store, manifests, said, call.meta, call.request(request));
      return found(said.parcelId);
    },
    label: async ({ parcelId, format, size, reason, preview }, call) => {
      const wanted = { parcelId, format: format || 'PDF', size: size || '100x150' };
      return preview ? labels.preview(wanted) : labels.print({ ...wanted, reason }, call);
    },
    printBatch: ({ kind, parcelIds, size, reason, text }, call) => labels.batch({ kind: kind || 'LABELS', parcelIds, size: size || '100x150', reason, text }, call),
  });
};
