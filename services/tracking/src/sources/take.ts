import type { Meta } from '@flotilla/event-store';
import { counter, type ServiceContext } from '@flotilla/service-kit';
import { ship } from '../coordinate/notices.js';
import { BUYERS, buyerSettings } from '../decide/buyer-settings.decider.js';
import { shipment, shipmentId, waybillOf } from '../decide/shipment.decider.js';
import type { Sighting } from './source.js';

const taken = counter('flotilla_tracking_scans_total');

// Where entries go that name no waybill: one stream, so that somebody can look at them.
const nameless = 'UNREADABLE';

/**
 * Appends what a source told, one task per waybill; resolves when everything is kept. A scan that was kept before changes nothing.
 */
export const take = async (ctx: ServiceContext, source: string, via: 'push' | 'poll', sightings: readonly Sighting[], meta: Meta): Promise<{ readonly fresh: number }> => {
  const receivedAt = ctx.clock.business().toISOString();
  const byWaybill = Map.groupBy(sightings, (sighting) => {
    const { carrier, waybill } = waybillOf(sighting.carrier, sighting.waybill);
    return `${/^[a-z0-9_]{1,30}$/.test(carrier) ? carrier : source}.${/^[A-Z0-9-]{4,60}$/.test(waybill) ? waybill : nameless}`;
  });
  const counts = await Promise.all(
    [...byWaybill].map(async ([id, all]) => {
      const at = id.indexOf('.');
      const [carrier, waybill] = [id.slice(0, at), id.slice(at + 1)];
      const of = { carrier, waybill };
      const scans = all.flatMap((sighting) => ('scan' in sighting && waybill !== nameless ? [sighting.scan] : []));
      const { answer } = await ctx.store.execute({
        streams: [[shipment, shipmentId(of)], [buyerSettings, BUYERS]],
        meta,
        continues: [shipment, shipmentId(of)],
        decide: (unit) => {
          for (const sighting of all) {
            const note = 'scan' in sighting ? { scanId: sighting.scan.scanId, detail: `no waybill: "${sighting.waybill.slice(0, 60)}"` } : { scanId: sighting.scanId, detail: sighting.unreadable };
            if (!('scan' in sighting) || waybill === nameless) unit.run(shipment, shipmentId(of), { type: 'NoteUnreadable', data: { ...of, ...note, receivedAt } });
          }
          return scans.length === 0 ? [] : ship(unit, of, { type: 'RecordScans', data: { ...of, scans, via, source, receivedAt } });
        },
      });
      const kept = answer.flatMap((event) => (event.type === 'ScanRecorded' ? [event.data] : []));
      const unknown = kept.filter(({ known }) => !known);
      for (const { code } of unknown) ctx.log.warn({ source, code }, 'a scan has a code that nobody knows; it is kept, and says nothing about progress until the table knows it');
      taken.inc({ source, via, outcome: 'fresh' }, kept.length);
      taken.inc({ source, via, outcome: 'repeated' }, scans.length - kept.length);
      taken.inc({ source, via, outcome: 'unknown code' }, unknown.length);
      taken.inc({ source, via, outcome: 'unreadable' }, all.length - scans.length);
      return kept.length;
    }),
  );
  return { fresh: counts.reduce((sum, count) => sum + count, 0) };
};
