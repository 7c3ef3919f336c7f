import type { tracking } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { repeatable, type Call, type ServiceContext } from '@flotilla/service-kit';
import { uuidv5 } from '@flotilla/values';
import { ship } from '../coordinate/notices.js';
import { BUYERS, buyerSettings } from '../decide/buyer-settings.decider.js';
import { shipment, shipmentId, waybillOf } from '../decide/shipment.decider.js';
import type { Scan } from '../decide/shipment.events.js';
import { manifest } from '../sources/own/manifest.js';
import { isCode } from '../query/look-up-code.js';
import { withoutPeople } from '../sources/people.js';

const longest = { place: 100, note: 300 };

/** `Shipments/Record`: what staff say of a parcel of the own fleet or of a store. Resolves to its waybill once it is kept. */
export const recordByStaff = async (ctx: ServiceContext, request: tracking.RecordRequest, call: Call, codeOf: (parcelId: string) => string): Promise<{ readonly carrier: string; readonly waybill: string }> => {
  const { requestId, milestone, place, note, pickupCode } = request;
  const repeat = repeatable(call, request);
  if (place.length > longest.place || note.length > longest.note) throw new Refused('BAD_REQUEST', `place has at most ${longest.place} characters, note ${longest.note}`);
  const of = waybillOf(request.carrier, request.waybill);
  if (of.carrier !== manifest.name) throw new Refused('BAD_REQUEST', `"${request.carrier.slice(0, 40)}" tells its own scans; staff record those of ${manifest.name}`);
  const id = shipmentId(of);
  const receivedAt = ctx.clock.business().toISOString();
  const { answer } = await ctx.store.execute(
    {
      streams: [[shipment, id], [buyerSettings, BUYERS]],
      meta: call.meta,
      continues: [shipment, id],
      decide: (unit) => {
        const { claim } = unit.state(shipment, id);
        if (claim === null) throw new Refused('NOT_FOUND', `no parcel has the waybill ${of.waybill}; scan it again`);
        const scan: Scan = { scanId: uuidv5(claim.parcelId, `record-${requestId}`), occurredAt: receivedAt, code: milestone.replace('MILESTONE_', ''), text: withoutPeople(note), place, milestone, known: true };
        const events = ship(unit, of, { type: 'Record', data: { ...of, scan, shown: isCode(pickupCode, codeOf(claim.parcelId)), receivedAt } });
        return { wrong: events.some(({ type }) => type === 'PickupRefused') };
      },
    },
    repeat,
  );
  // The attempt is kept, whatever the caller is told.
  if (answer.wrong) throw new Refused('WRONG_PICKUP_CODE', `that is not the pickup code of ${of.waybill}; ask the buyer for the one on the parcel's page`);
  return of;
};
