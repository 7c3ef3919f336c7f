import type { Meta } from '@flotilla/event-store';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { act } from '../../coordinate/suppliers/participant.js';
import type { SupplierMessage } from '../../coordinate/suppliers/timers.js';
import { offer, type OfferCommand } from '../../decide/suppliers/offer.decider.js';
import { DECLINES, type OfferEvent } from '../../decide/suppliers/offer.events.js';
import { supplier } from '../../decide/suppliers/supplier.decider.js';
import { post } from './api.js';
import { toMail } from './mail.js';
import type { Handed, Mailer } from './smtp.js';

/** It did not arrive and one more attempt is allowed; the job comes back in a few seconds. */
class TryAgain extends Error {
  override readonly name = 'TryAgain';
}

interface Ways {
  readonly mailer: Mailer;
  readonly secrets: Readonly<Record<string, string>>;
  readonly linkOf: (lockId: string) => string;
  readonly timeoutMs: number;
}

/** Tells a supplier. How often it was tried stands in the offer's own stream: at most twice, then the failure is written down. */
export const messagePerformer = (ctx: ServiceContext, { mailer, secrets, linkOf, timeoutMs }: Ways): ServicePerformer => {
  const run = async (lockId: string, command: OfferCommand, meta: Meta): Promise<readonly OfferEvent[]> => (await ctx.store.execute({ streams: [[offer, lockId]], meta, decide: (unit) => act(unit, lockId, command) })).answer;

  const perform: ServicePerformer['perform'] = async (job, meta) => {
    const { lockId, message } = job.payload as SupplierMessage;
    const begun = await run(lockId, { type: 'AttemptMessage', data: { kind: message } }, meta);
    if (!begun.some(({ type }) => type === 'MessageAttempted')) return;
    const { head, lines, until } = (await ctx.store.folded(offer, [lockId])).get(lockId)!.state;
    const terms = (await ctx.store.folded(supplier, [head!.warehouse])).get(head!.warehouse)!.state;
    if (!terms) throw new Error(`offer ${lockId} is of ${head!.warehouse}, which was never described`);
    const tell = async (): Promise<Handed> => {
      const link = linkOf(lockId);
      if (terms.delivery !== 'API') return mailer.send(toMail(message, { lockId, until, email: terms.email, language: terms.language, link }));
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
    const settled = await run(lockId, { type: 'SettleMessage', data: { kind: message, sent: handed.sent, again: !handed.sent && handed.again, detail: handed.sent ? '' : handed.detail } }, meta);
    if (handed.sent) return;
    if (settled.length === 0) throw new TryAgain(`not handed over (${handed.detail}); tried once more`);
    ctx.log.warn({ lockId, message, detail: handed.detail }, 'a supplier could not be told; its page answers all the same');
  };
  // The stream knows what is left to do: a repeat is the same walk.
  return { concurrency: 4, perform, resolve: perform };
};
