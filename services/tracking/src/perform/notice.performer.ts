import type { Meta } from '@flotilla/event-store';
import type { Handed, Mailer } from '@flotilla/notify';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { subjectOf } from '@flotilla/values';
import { consent } from '../decide/consent.decider.js';
import { notice, type NoticeCommand, type NoticeState } from '../decide/notice.decider.js';
import type { Notice } from '../decide/notice.events.js';
import { quietUntil, type QuietHours } from '../decide/quiet-hours.js';
import { carrierTitle } from '../sources/registry.js';
import { toMail } from './mail.js';
import type { Texter } from './texts.js';

/** The attempt failed and one more is allowed; the job comes back in a few seconds. */
class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

/** What writing to a buyer needs. */
export interface Writing {
  readonly mailer: Mailer;
  /** Absent: there is no gateway. */
  readonly texter: Texter | undefined;
  /** Absent: people are written to at night. */
  readonly quiet: QuietHours | undefined;
  /** The page of a parcel; of "" the look-up. */
  readonly linkOf: (parcelId: string) => string;
  /** Where a person ends these messages. */
  readonly stopLinkOf: (subject: string) => string;
  readonly codeOf: (parcelId: string) => string;
}

// Who waits in the store for its code must have it; all else may be declined.
const mayDecline = ({ kind }: Notice): boolean => kind !== 'READY_FOR_PICKUP';

/**
 * Writes to the buyer. How often it was tried stands in the notice's own stream, so that a crash counts as an attempt whose
 * outcome nobody knows, and a failure before anything was sent does not.
 */
export const noticePerformer = (ctx: ServiceContext, writing: Writing): ServicePerformer => {
  const { mailer, texter, quiet, linkOf, stopLinkOf, codeOf } = writing;
  const run = async (noticeId: string, command: NoticeCommand, meta: Meta): Promise<readonly { readonly type: string }[]> => {
    const { answer } = await ctx.store.execute({ streams: [[notice, noticeId]], meta, decide: (unit) => unit.run(notice, noticeId, command) });
    return answer;
  };
  const stateOf = async (noticeId: string): Promise<NoticeState> => (await ctx.store.folded(notice, [noticeId])).get(noticeId)!.state;
  const isOut = async (subject: string): Promise<boolean> => (await ctx.store.folded(consent, [subject])).get(subject)!.state.out;

  const hand = (one: Notice, address: string, refusals: number): Promise<Handed> => {
    const { parcelId, kind, language, medium, pickupPlace, to } = one;
    const carrier = one.carrier === '' ? '' : carrierTitle(one.carrier, language);
    const code = kind === 'READY_FOR_PICKUP' && pickupPlace ? codeOf(parcelId) : '';
    if (medium === 'SMS') return texter ? texter(one, address, { carrier, code }, refusals) : Promise.resolve({ accepted: false, certain: true, final: true, detail: 'no SMS gateway' });
    const collecting = code !== '' && pickupPlace ? { code, place: pickupPlace } : undefined;
    return mailer.send(address, toMail(one, carrier, linkOf(one.waybill === '' ? '' : parcelId), collecting, stopLinkOf(subjectOf(to))));
  };

  const perform: ServicePerformer['perform'] = async (job, meta) => {
    const { noticeId } = job.payload as Pick<Notice, 'noticeId'>;
    const { notice: one, status, refusals } = await stateOf(noticeId);
    if (!one || status === 'postponed') return;
    const [address = ''] = await ctx.open([one.to]);
    if (address === '') return void (await run(noticeId, { type: 'NoAddress', data: {} }, meta));
    // Of a masked buyer nobody but the platform has the number: it tells them, of what was written back to it.
    if (address.includes('*')) return void (await run(noticeId, { type: 'LeaveToPlatform', data: {} }, meta));
    // One that was tried is tried to its end: nothing comes of it then.
    if (mayDecline(one) && (await isOut(subjectOf(one.to))) && (await run(noticeId, { type: 'Decline', data: {} }, meta)).length > 0) return;
    const until = quiet && quietUntil(quiet, one.country ?? '', ctx.clock.business().toISOString());
    if (until !== undefined && (await run(noticeId, { type: 'Postpone', data: { until } }, meta)).length > 0) return;
    const begun = await run(noticeId, { type: 'Attempt', data: { at: ctx.clock.machine().toISOString() } }, meta);
    if (!begun.some(({ type }) => type === 'NoticeAttempted')) return;
    const handed = await hand(one, address, refusals);
    if (handed.accepted) return void (await run(noticeId, { type: 'Accept', data: {} }, meta));
    const { certain, final, detail } = handed;
    const after = await run(noticeId, { type: 'Fail', data: { certain, final, detail } }, meta);
    if (!after.some(({ type }) => type === 'NoticeSettled')) throw new TryAgain(`not handed over (${detail}); tried once more`);
    ctx.log.warn({ noticeId, kind: one.kind, detail }, 'a notice could not be handed over; the buyer was not told');
  };
  // The stream knows whether anything is left to do: a repeat is the same walk.
  return { concurrency: 16, perform, resolve: perform };
};
