import type { Meta } from '@flotilla/event-store';
import type { Mailer } from '@flotilla/notify';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { notice, type NoticeCommand } from '../decide/notice.decider.js';
import type { Notice } from '../decide/notice.events.js';
import { carrierTitle } from '../sources/registry.js';
import { toMail } from './mail.js';

/** The attempt failed and one more is allowed; the job comes back in a few seconds. */
class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

/**
 * Writes to the buyer. How often it was tried stands in the notice's own stream, so that a crash counts as an attempt whose
 * outcome nobody knows, and a failure before anything was sent does not.
 */
export const noticePerformer = (ctx: ServiceContext, mailer: Mailer, linkOf: (parcelId: string) => string, codeOf: (parcelId: string) => string): ServicePerformer => {
  const run = async (noticeId: string, command: NoticeCommand, meta: Meta): Promise<readonly { readonly type: string }[]> => {
    const { answer } = await ctx.store.execute({ streams: [[notice, noticeId]], meta, decide: (unit) => unit.run(notice, noticeId, command) });
    return answer;
  };
  const perform: ServicePerformer['perform'] = async (job, meta) => {
    const { noticeId, parcelId, to, carrier, ...rest } = job.payload as Notice;
    const [address = ''] = await ctx.open([to]);
    if (address === '') return void (await run(noticeId, { type: 'NoAddress', data: {} }, meta));
    const begun = await run(noticeId, { type: 'Attempt', data: { at: ctx.clock.machine().toISOString() } }, meta);
    if (!begun.some(({ type }) => type === 'NoticeAttempted')) return;
    const collecting = rest.kind === 'READY_FOR_PICKUP' && rest.pickupPlace ? { code: codeOf(parcelId), place: rest.pickupPlace } : undefined;
    const handed = await mailer.send(address, toMail({ noticeId, parcelId, to: '', carrier, ...rest }, carrierTitle(carrier, rest.language), linkOf(parcelId), collecting));
    if (handed.accepted) return void (await run(noticeId, { type: 'Accept', data: {} }, meta));
    const { certain, final, detail } = handed;
    const after = await run(noticeId, { type: 'Fail', data: { certain, final, detail } }, meta);
    if (!after.some(({ type }) => type === 'NoticeSettled')) throw new TryAgain(`not handed over (${detail}); tried once more`);
    ctx.log.warn({ noticeId, kind: rest.kind, detail }, 'a notice could not be handed over; the buyer was not told');
  };
  // The stream knows whether anything is left to do: a repeat is the same walk.
  return { concurrency: 16, perform, resolve: perform };
};
