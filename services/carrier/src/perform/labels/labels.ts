import { Refused } from '@flotilla/decider';
import type { EventStore, Logger } from '@flotilla/event-store';
import type { carrier } from '@flotilla/contracts';
import type { Call } from '@flotilla/service-kit';
import { parcel } from '../../decide/parcel.decider.js';
import type { ParcelPlan } from '../../decide/parcel.events.js';
import { maskedBy, type CarrierManifest, type Party } from '../carriers/carrier.js';
import { labelFields } from './label-fields.js';
import { toPdf } from './pdf.js';
import { templateOf } from './template.js';
import { toZpl } from './zpl.js';

const formats = ['PDF', 'ZPL', 'PLATFORM'];

export interface Labels {
  print(asked: { readonly parcelId: string; readonly format: string; readonly size: string }, call: Pick<Call, 'meta'>): Promise<carrier.LabelResponse>;
}

export interface Labelling {
  readonly store: EventStore;
  readonly manifests: ReadonlyMap<string, CarrierManifest>;
  /** Sender and recipient in clear; undefined if the recipient was erased. */
  readonly parties: (plan: ParcelPlan) => Promise<{ readonly sender: Party; readonly recipient: Party } | undefined>;
  /** What the buyer shows to collect a parcel. */
  readonly pickupCode: (parcelId: string) => string;
  readonly today: () => string;
  readonly log: Logger;
}

/** Labels are drawn when asked for and never kept: the recipient is in clear for that moment alone (CAR-05). */
export const labelsOf = ({ store, manifests, parties, pickupCode, today, log }: Labelling): Labels => ({
  print: async ({ parcelId, format, size }, { meta }) => {
    if (!formats.includes(format)) throw new Refused('UNKNOWN_FORMAT', `no label format "${format}"; there are PDF and ZPL, and PLATFORM of a recipient whom the platform masks`);
    const state = (await store.folded(parcel, [parcelId])).get(parcelId)?.state ?? parcel.initial;
    const command = { type: 'PrintLabel' as const, data: { parcelId, waybill: state.waybill, format, size, by: meta.actor } };
    parcel.decide(command, state); // refused before anything is opened
    if (state.plan === null) throw new Refused('NOT_WAYBILLED', `parcel ${parcelId} has nothing to print`);
    const manifest = manifests.get(state.plan.choice.carrier);
    if (!manifest) throw new Error(`no carrier ${state.plan.choice.carrier}`);
    const template = templateOf(manifest.name, size);
    const { platform } = maskedBy(state.plan.shipTo.token);
    if ((platform === '') !== (format !== 'PLATFORM')) throw new Refused('UNKNOWN_FORMAT', platform === '' ? `nobody masks the recipient of parcel ${parcelId}; print it as PDF or ZPL` : `${platform} masks the recipient of parcel ${parcelId}: only its own print component can draw the label, from format PLATFORM`);
    const printed = (): Promise<unknown> => store.execute({ streams: [[parcel, parcelId]], meta, decide: (unit) => void unit.run(parcel, parcelId, command) });
    if (platform !== '') {
      if (state.printData === '') throw new Refused('NOT_WAYBILLED', `${platform} sent nothing to print parcel ${parcelId} with; void it and let it be bought again`);
      await printed();
      return { data: Buffer.from(JSON.stringify({ documentID: parcelId, contents: [JSON.parse(state.printData) as unknown] })), contentType: 'application/json' };
    }
    const known = await parties(state.plan);
    if (!known) throw new Refused('SUBJECT_ERASED', `the recipient of parcel ${parcelId} was erased; there is no address to print`);
    const fields = labelFields({ carrierTitle: manifest.title, waybill: state.waybill, routing: state.routing, plan: state.plan, ...known, pickupCode: state.plan.choice.service === 'PICKUP' ? pickupCode(parcelId) : '', day: today() });
    const rendered = format === 'PDF' ? await toPdf(template, fields) : toZpl(template, fields);
    // Printed means handed out: the event comes before the bytes, and a waybill that changed meanwhile refuses it.
    await printed();
    if (rendered.missing > 0 || rendered.cut > 0) log.warn({ parcelId, missing: rendered.missing, cut: rendered.cut }, 'a label has characters without a glyph (spelt out) or text that was cut');
    return { data: rendered.data, contentType: rendered.contentType };
  },
});
