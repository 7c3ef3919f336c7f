import { createHash } from 'node:crypto';
import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { endOfLog, reached } from '@flotilla/event-store';
import { draw, pagesOf, pdfPaper } from '@flotilla/paper';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { toInstant } from '@flotilla/values';
import { parcel } from '../decide/parcel.decider.js';
import { gramsOf } from '../decide/quote.js';
import { bothTitles, type CarrierManifest } from '../perform/carriers/carrier.js';
import { manifestSheet } from '../perform/labels/sheets.js';
import { parcelList } from '../project/parcel-list.projection.js';
import { shippedIn } from '../query/manifest.query.js';

const largest = 5_000;
// An append that began before this is in the log by now.
const settledMs = 2_000;

/** What was handed to a carrier, as both sign it (CAR-07). */
export const manifestsGrpc = (ctx: Pick<ServiceContext, 'store' | 'pool' | 'clock'>, manifests: readonly CarrierManifest[]): Served =>
  serve(carrier.Manifests, {
    get: async (request) => {
      const known = manifests.find(({ name }) => name === request.carrier);
      if (!known) throw new Refused('NOT_FOUND', `no carrier "${request.carrier.slice(0, 40)}"; there are ${manifests.map(({ name }) => name).join(', ')}`);
      if (request.warehouse === '') throw new Refused('BAD_REQUEST', 'warehouse is missing');
      const now = new Date(ctx.clock.machine().getTime() - settledMs).toISOString();
      const [from, until] = [toInstant(request.from), request.until === '' ? now : toInstant(request.until)];
      if (until <= from) throw new Refused('BAD_INSTANT', `until ${until} is not after from ${from}`);
      // What is still to come would make another paper of the same span.
      if (until > now) throw new Refused('BAD_INSTANT', `until ${until} is not over yet`);
      await listed(ctx.pool);
      const span = { carrier: known.name, warehouse: request.warehouse, from, until };
      const rows = await shippedIn(ctx.pool, span, largest + 1);
      if (rows.length > largest) throw new Refused('TOO_LARGE', `more than ${largest} parcels left in this span; ask for a shorter one`);
      const folded = await ctx.store.folded(parcel, rows.map(({ parcel_id }) => parcel_id));
      const parcels = rows.map(({ parcel_id: parcelId }) => {
        const { plan, waybill } = folded.get(parcelId)?.state ?? parcel.initial;
        return { parcelId, waybill, number: plan?.number ?? '', place: [plan?.shipTo.province, plan?.shipTo.city].filter(Boolean).join(' ') || (plan?.shipTo.country ?? ''), grams: gramsOf(plan?.items ?? []) };
      });
      const id = `M${createHash('sha256').update(JSON.stringify([known.name, request.warehouse, parcels.map(({ waybill }) => waybill)])).digest('hex').slice(0, 12).toUpperCase()}`;
      const paper = pdfPaper(`${id} ${known.name}`, until);
      await draw(paper, pagesOf(manifestSheet(parcels, { id, carrier: bothTitles(known), warehouse: request.warehouse, span: `${from} – ${until}` })));
      return { id, ...span, parcels, grams: parcels.reduce((sum, { grams }) => sum + grams, 0), pdf: await paper.end() };
    },
  });

// A parcel that is missing on the paper would be missing for good: it lies in no later span. So the list has to have caught up.
const listed = async (pool: ServiceContext['pool']): Promise<void> => {
  if (await reached(pool, [parcelList.name], await endOfLog(pool), { withinMs: 5_000 })) return;
  throw new Refused('UNAVAILABLE', 'the list of parcels is behind the log; ask again in a moment');
};
