import { Refused } from '@flotilla/decider';
import type { EventStore, Logger, Meta } from '@flotilla/event-store';
import type { carrier } from '@flotilla/contracts';
import { maskName, maskPhone } from '@flotilla/values';
import { draw, pagesOf, pdfPaper, type Page } from '@flotilla/paper';
import type { Call } from '@flotilla/service-kit';
import { parcel, type ParcelCommand } from '../../decide/parcel.decider.js';
import type { ParcelPlan } from '../../decide/parcel.events.js';
import type { Parcel } from '../../decide/parcel.state.js';
import { bothTitles, maskedBy, type CarrierManifest, type Party } from '../carriers/carrier.js';
import { addressText, labelFields, type LabelField } from './label-fields.js';
import { toPdf } from './pdf.js';
import { giftCard, longestCard, packingSlip, pickList } from './sheets.js';
import { sizes, templateOf } from './template.js';
import { packingWishes } from './wishes.js';
import { toZpl } from './zpl.js';

const formats = ['PDF', 'ZPL', 'PLATFORM'];
export const batchKinds = ['LABELS', 'PACKING_SLIPS', 'PICK_LIST', 'CARDS'] as const;
export const largestBatch = 1_000;
// Drawn one after the other, opened and written together: one call for keys and one append per group.
const together = 20;

export interface BatchAsked {
  readonly kind: string;
  readonly parcelIds: readonly string[];
  readonly size: string;
  readonly reason: string;
  /** Of CARDS; "" = what each buyer asked for. */
  readonly text: string;
}

export interface Labels {
  print(asked: { readonly parcelId: string; readonly format: string; readonly size: string; readonly reason: string }, call: Pick<Call, 'meta'>): Promise<carrier.LabelResponse>;
  /** The same to be looked at: the recipient is masked, so that nobody is sent anything by it, and no print is noted. */
  preview(asked: { readonly parcelId: string; readonly format: string; readonly size: string }): Promise<carrier.LabelResponse>;
  /** Many as one PDF, piece by piece, with what is done; what cannot be printed is named and left out. */
  batch(asked: BatchAsked, call: Pick<Call, 'meta'>): AsyncIterable<carrier.PrintBatchPart>;
}

export interface Labelling {
  readonly store: EventStore;
  readonly manifests: ReadonlyMap<string, CarrierManifest>;
  /** Sender and recipient in clear; undefined if the recipient was erased. */
  readonly parties: (plan: ParcelPlan) => Promise<{ readonly sender: Party; readonly recipient: Party } | undefined>;
  /** What the buyer wants to stand on a card, in clear; "" = nothing. */
  readonly cardOf: (plan: ParcelPlan) => Promise<string>;
  /** What the buyer shows to collect a parcel. */
  readonly pickupCode: (parcelId: string) => string;
  readonly today: () => string;
  readonly log: Logger;
}

interface Ready {
  readonly parcelId: string;
  readonly state: Parcel;
  readonly plan: ParcelPlan;
  readonly manifest: CarrierManifest;
}

/** Labels are drawn when asked for and never kept: the recipient is in clear for that moment alone (CAR-05). */
export const labelsOf = ({ store, manifests, parties, cardOf, pickupCode, today, log }: Labelling): Labels => {
  const found = async (parcelId: string): Promise<Ready> => {
    const state = (await store.folded(parcel, [parcelId])).get(parcelId)?.state ?? parcel.initial;
    const { plan } = state;
    if (plan === null) throw new Refused(state.status === 'NONE' ? 'NOT_FOUND' : 'NOT_WAYBILLED', `parcel ${parcelId} has nothing to print`);
    const manifest = manifests.get(plan.choice.carrier);
    if (!manifest) throw new Refused('NOT_WAYBILLED', `parcel ${parcelId} was labelled by the supplier that sends it`);
    return { parcelId, state, plan, manifest };
  };
  // Papers by which goods are fetched and packed: not of what was called off.
  const toPack = async (parcelId: string): Promise<Ready> => {
    const ready = await found(parcelId);
    if (['VOIDING', 'VOIDED', 'REFUSED'].includes(ready.state.status)) throw new Refused('NOT_WAYBILLED', `parcel ${parcelId} is ${ready.state.status}: there is nothing to pack`);
    return ready;
  };
  const command = ({ parcelId, state }: Ready, format: string, size: string, reason: string, meta: Meta): Extract<ParcelCommand, { type: 'PrintLabel' }> => ({
    type: 'PrintLabel', data: { parcelId, waybill: state.waybill, format, size, by: meta.actor, ...(reason === '' ? {} : { reason: reason.slice(0, 200) }) },
  });
  // Printed means handed out: the event comes before the bytes, and a waybill that changed meanwhile refuses it.
  const note = (print: ReturnType<typeof command>, meta: Meta): Promise<unknown> => store.execute({ streams: [[parcel, print.data.parcelId]], meta, decide: (unit) => void unit.run(parcel, print.data.parcelId, print) });
  const opened = async ({ parcelId, plan }: Ready): Promise<{ readonly sender: Party; readonly recipient: Party }> => {
    const known = await parties(plan);
    if (!known) throw new Refused('SUBJECT_ERASED', `the recipient of parcel ${parcelId} was erased; there is no address to print`);
    return known;
  };
  const fieldsOf = (ready: Ready, known: { readonly sender: Party; readonly recipient: Party }): Readonly<Record<LabelField, string>> => {
    const { parcelId, state, plan, manifest } = ready;
    return labelFields({ carrierTitle: manifest.title.zh, waybill: state.waybill, routing: state.routing, plan, ...known, pickupCode: plan.choice.service === 'PICKUP' ? pickupCode(parcelId) : '', day: today() });
  };
  const ours = ({ parcelId, plan }: Ready): void => {
    const { platform } = maskedBy(plan.shipTo.token);
    if (platform !== '') throw new Refused('UNKNOWN_FORMAT', `${platform} masks the recipient of parcel ${parcelId}: only its own print component can draw the label, from format PLATFORM`);
  };
  const complain = (parcelId: string, { missing, cut }: { readonly missing: number; readonly cut: number }): void => {
    if (missing > 0 || cut > 0) log.warn({ parcelId, missing, cut }, 'a label has characters without a glyph (spelt out) or text that was cut');
  };

  const pagesOfOne = async ({ kind, size, reason, text }: BatchAsked, ready: Ready, meta: Meta): Promise<readonly Page[]> => {
    if (kind === 'PACKING_SLIPS') {
      const { recipient } = await opened(ready);
      const { plan, state, manifest } = ready;
      return pagesOf(packingSlip({ parcelId: ready.parcelId, number: plan.number, waybill: state.waybill, carrier: bothTitles(manifest), items: plan.items }, { name: recipient.name, place: addressText(recipient) }, today(), { wishes: packingWishes(plan.wishes ?? []), card: await cardOf(plan) }));
    }
    if (kind === 'CARDS') {
      const wished = text.trim() === '' ? await cardOf(ready.plan) : text;
      if (wished === '') throw new Refused('BAD_REQUEST', `the buyer of parcel ${ready.parcelId} named no text for a card; give one`);
      const { recipient, sender } = await opened(ready);
      return [giftCard({ to: recipient.name, text: wished, from: sender.company, number: ready.plan.number })];
    }
    ours(ready);
    const print = command(ready, 'PDF', size, reason, meta);
    parcel.decide(print, ready.state); // refused before anything is opened
    const fields = fieldsOf(ready, await opened(ready));
    await note(print, meta);
    return [{ template: templateOf(ready.manifest.label, size), fields }];
  };

  return {
    print: async ({ parcelId, format, size, reason }, { meta }) => {
      if (!formats.includes(format)) throw new Refused('UNKNOWN_FORMAT', `no label format "${format}"; there are PDF and ZPL, and PLATFORM of a recipient whom the platform masks`);
      const ready = await found(parcelId);
      const print = command(ready, format, size, reason, meta);
      parcel.decide(print, ready.state); // refused before anything is opened
      const template = templateOf(ready.manifest.label, size);
      if (format === 'PLATFORM') {
        if (maskedBy(ready.plan.shipTo.token).platform === '') throw new Refused('UNKNOWN_FORMAT', `nobody masks the recipient of parcel ${parcelId}; print it as PDF or ZPL`);
        if (ready.state.printData === '') throw new Refused('NOT_WAYBILLED', `the platform sent nothing to print parcel ${parcelId} with; cancel it and let it be bought again`);
        await note(print, meta);
        return { data: Buffer.from(JSON.stringify({ documentID: parcelId, contents: [JSON.parse(ready.state.printData) as unknown] })), contentType: 'application/json' };
      }
      ours(ready);
      const fields = fieldsOf(ready, await opened(ready));
      const rendered = format === 'PDF' ? await toPdf(template, fields, today()) : toZpl(template, fields);
      await note(print, meta);
      complain(parcelId, rendered);
      return { data: rendered.data, contentType: rendered.contentType };
    },

    preview: async ({ parcelId, format, size }) => {
      if (format !== 'PDF' && format !== 'ZPL') throw new Refused('UNKNOWN_FORMAT', `no format "${format.slice(0, 40)}" to look at; there are PDF and ZPL`);
      const ready = await found(parcelId);
      parcel.decide(command(ready, format, size, '', { correlation: '', causation: '', actor: '' }), ready.state); // refused as a print would be
      ours(ready);
      const template = templateOf(ready.manifest.label, size);
      const { sender, recipient } = await opened(ready);
      const fields = fieldsOf(ready, { sender, recipient: { ...recipient, name: maskName(recipient.name), phone: maskPhone(recipient.phone), company: maskName(recipient.company), street: '***' } });
      const { data, contentType } = format === 'PDF' ? await toPdf(template, fields, today()) : toZpl(template, fields);
      return { data, contentType };
    },

    batch: async function* (wanted, { meta }) {
      const { kind, parcelIds, size, text } = wanted;
      if (!(batchKinds as readonly string[]).includes(kind)) throw new Refused('UNKNOWN_FORMAT', `no kind of batch "${kind.slice(0, 40)}"; there are ${batchKinds.join(', ')}`);
      const asked = [...new Set(parcelIds)];
      if (asked.length === 0) throw new Refused('BAD_REQUEST', 'parcel_ids is empty; name the parcels to print');
      if (asked.length > largestBatch) throw new Refused('TOO_LARGE', `a batch has at most ${largestBatch} parcels, this one ${asked.length}; split it`);
      if (!(sizes as readonly string[]).includes(size)) throw new Refused('BAD_REQUEST', `no label size "${size}"; there are ${sizes.join(' and ')}`);
      if (kind === 'CARDS' && Array.from(text).length > longestCard) throw new Refused('BAD_REQUEST', `a card has a text of at most ${longestCard} characters`);
      const paper = pdfPaper(`${kind} ${asked.length}`, today());
      const total = asked.length;
      const part = (done: number, more: Partial<carrier.PrintBatchPart>): carrier.PrintBatchPart => ({ done, total, data: new Uint8Array(), parcelId: '', reason: '', detail: '', ...more });
      const picked: Ready[] = [];
      let [done, pages] = [0, 0];
      for (let from = 0; from < total; from += together) {
        const group = await Promise.all(
          asked.slice(from, from + together).map(async (parcelId): Promise<readonly [string, readonly Page[] | Ready | Refused]> => {
            try {
              const ready = await (kind === 'LABELS' ? found : toPack)(parcelId);
              return [parcelId, kind === 'PICK_LIST' ? ready : await pagesOfOne(wanted, ready, meta)];
            } catch (error) {
              if (error instanceof Refused) return [parcelId, error];
              throw error;
            }
          }),
        );
        for (const [parcelId, made] of group) {
          done += 1;
          if (made instanceof Refused) yield part(done, { parcelId, reason: made.reason, detail: made.message });
          else if ('plan' in made) picked.push(made);
          else pages += await draw(paper, made);
        }
        yield part(done, { data: paper.take() });
      }
      const warehouses = [...new Set(picked.map(({ plan }) => plan.warehouse))].sort();
      for (const warehouse of warehouses) {
        const there = picked.filter(({ plan }) => plan.warehouse === warehouse);
        pages += await draw(paper, pagesOf(pickList(there.map(({ parcelId, plan, state, manifest }) => ({ parcelId, number: plan.number, waybill: state.waybill, carrier: bothTitles(manifest), items: plan.items })), warehouse, today())));
      }
      // Nothing to print is no paper: a PDF without a page cannot be opened.
      if (pages === 0) return;
      complain(`of a batch of ${total}`, paper.counts);
      yield part(done, { data: await paper.end() });
    },
  };
};
