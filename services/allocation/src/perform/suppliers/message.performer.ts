import type { Meta } from '@flotilla/event-store';
import type { Mailer } from '@flotilla/notify';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { act } from '../../coordinate/suppliers/participant.js';
import type { SupplierMessage } from '../../coordinate/suppliers/timers.js';
import { offer, type OfferCommand, type OfferStatus } from '../../decide/suppliers/offer.decider.js';
import { DECLINES, type MessageKind, type OfferEvent } from '../../decide/suppliers/offer.events.js';
import { supplier } from '../../decide/suppliers/supplier.decider.js';
import { post } from './api.js';
import { orderFileOf } from './file-contents.js';
import { toMail } from './mail.js';
import type { SupplierFiles } from './sftp.js';
import type { Handed } from './handed.js';

/** It did not arrive and another attempt is allowed; the job comes back in a few seconds. */
class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

/** One file and its moves. */
const FILE_MS = 30_000;

interface Ways {
  readonly mailer: Mailer;
  readonly secrets: Readonly<Record<string, string>>;
  readonly linkOf: (lockId: string) => string;
  readonly files: ReadonlyMap<string, SupplierFiles>;
  readonly timeoutMs: number;
}

// The last word about an offer goes out whatever it is now; the others are not true any more when it is something else.
const stillTrue: Readonly<Record<MessageKind, (status: OfferStatus) => boolean>> = { OFFER: (status) => status === 'OFFERED', WITHDRAWN: () => true, SHIP: (status) => status === 'CONFIRMED' };

/**
 * Tells a supplier. How often it was tried stands in the offer's own stream: people and their systems are told at most twice, then the failure is written
 * down; a file has a name that says whether it is there, so it is put until it is, or until there is nothing to tell any more.
 */
export const messagePerformer = (ctx: ServiceContext, { mailer, secrets, linkOf, files, timeoutMs }: Ways): ServicePerformer => {
  const run = async (lockId: string, command: OfferCommand, meta: Meta): Promise<readonly OfferEvent[]> => (await ctx.store.execute({ streams: [[offer, lockId]], meta, decide: (unit) => act(unit, lockId, command) })).answer;

  const perform: ServicePerformer['perform'] = async (job, meta) => {
    const { lockId, message } = job.payload as SupplierMessage;
    const state = (await ctx.store.folded(offer, [lockId])).get(lockId)!.state;
    const { head, lines, until, status } = state;
    if (!head) return;
    const terms = (await ctx.store.folded(supplier, [head.warehouse])).get(head.warehouse)!.state;
    if (!terms) throw new Error(`offer ${lockId} is of ${head.warehouse}, which was never described`);
    const often = terms.delivery === 'FILE';
    const begun = await run(lockId, { type: 'AttemptMessage', data: { kind: message, often } }, meta);
    if (!begun.some(({ type }) => type === 'MessageAttempted')) return;
    const tell = async (): Promise<Handed> => {
      if (terms.delivery === 'FILE') {
        if (!stillTrue[message](status)) return { sent: false, again: false, detail: `not needed: it is ${status}` };
        const file = await orderFileOf(ctx, message, lockId, state, terms);
        if (!file) return { sent: false, again: false, detail: 'the data of the recipient was erased' };
        const folder = files.get(terms.supplier);
        return folder ? folder.send(file, AbortSignal.any([job.signal, AbortSignal.timeout(FILE_MS)])) : { sent: false, again: true, detail: 'not in FLOTILLA_SUPPLIER_FILES' };
      }
      const link = linkOf(lockId);
      if (terms.delivery !== 'API') {
        const mailed = await mailer.send(terms.email, toMail(message, { lockId, until, language: terms.language, link }));
        return mailed.accepted ? { sent: true } : { sent: false, again: mailed.certain && !mailed.final, detail: mailed.detail };
      }
      const body = JSON.stringify({ type: `offer.${message.toLowerCase()}`, offer: lockId, lines, until, url: link });
      const outside = ctx.outside(`supplier-${terms.supplier}`, { timeoutMs });
      const { answer, ...handed } = await post((url, init) => outside.fetch(url, init), { url: terms.apiUrl, secret: secrets[terms.apiSecret] ?? '', id: job.intent, now: ctx.clock.machine(), body, signal: job.signal });
      const by = `supplier:${terms.supplier}`;
      const at = ctx.clock.business().toISOString();
      if (message === 'OFFER' && answer?.answer === 'ACCEPTED') await run(lockId, { type: 'AcceptOffer', data: { by, at } }, { ...meta, actor: by });
      if (message === 'OFFER' && answer?.answer === 'REFUSED') await run(lockId, { type: 'RefuseOffer', data: { by, at, reason: DECLINES.find((one) => one === answer.reason) ?? 'OTHER' } }, { ...meta, actor: by });
      return handed;
    };
    const handed = await tell();
    const settled = await run(lockId, { type: 'SettleMessage', data: { kind: message, often, sent: handed.sent, again: !handed.sent && handed.again, detail: handed.sent ? '' : handed.detail } }, meta);
    if (handed.sent) return;
    if (settled.length === 0) throw new TryAgain(`not handed over (${handed.detail}); it is tried again`);
    ctx.log.warn({ lockId, message, detail: handed.detail }, 'a supplier was not told; its page answers all the same');
  };
  // The stream knows what is left to do: a repeat is the same walk.
  return { concurrency: 4, perform, resolve: perform };
};
