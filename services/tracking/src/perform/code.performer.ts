import type { Handed, Mailer } from '@flotilla/notify';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { phoneE164 } from '@flotilla/values';
import { isGood, lookUp } from '../decide/look-up.decider.js';
import type { Contact } from '../decide/shipment.events.js';
import { lookUpCode } from '../query/look-up-code.js';
import { linkKeyOf } from '../query/page/html.js';
import { contactsOf, mailboxOf, shipmentsOfPhone } from '../query/shipment-rows.js';
import type { CodeTexter } from './texts.js';

/** A look-up that was asked for. */
export interface Asked {
  readonly index: string;
  readonly lookUpId: string;
}

const words = {
  zh: { subject: '查询包裹的验证码', text: (code: string) => `您的验证码是 ${code}，10 分钟内有效。如非本人操作，请忽略。` },
  en: { subject: 'Your code to look up parcels', text: (code: string) => `Your code is ${code}. It is good for ten minutes. If you did not ask for it, do nothing.` },
} as const;

// Whoever orders with the phone of another can hide it behind no more parcels than these.
const mostLooked = 10;

/**
 * Sends a code to the phone that was typed, as it stands sealed in a parcel's address or its buyer: the text proves that the phone is
 * theirs. Where there is no gateway for texts, or no parcel has the phone itself (those that left before phones were kept have its index
 * alone), it goes to the mailbox of the newest parcel, and opens that person's parcels alone. A phone of no parcel gets none: the page says
 * the same. Once, and no repeat: the page offers another.
 */
export const codePerformer = (ctx: ServiceContext, mailer: Mailer, texter: CodeTexter | undefined): ServicePerformer => {
  const phoneIn = async (index: string, contact: Contact, country: string): Promise<string | undefined> => {
    const phones = await ctx.open([contact.phone ?? '', contact.buyerPhone ?? '']);
    return phones.map((phone) => (phone === '' ? undefined : phoneE164(phone, country === '' ? undefined : country))).find((e164) => e164 !== undefined && ctx.index('phone', e164) === index);
  };

  /** The way to whoever may have the code; undefined if nobody can be reached. */
  const wayTo = async (index: string): Promise<{ readonly subject: string; readonly send: (code: string, id: string) => Promise<Handed> } | undefined> => {
    const rows = await shipmentsOfPhone(ctx, index, mostLooked);
    const contacts = await contactsOf(ctx, rows);
    if (texter) {
      for (const [n, contact] of contacts.entries()) {
        const phone = contact ? await phoneIn(index, contact, rows[n]!.country) : undefined;
        if (contact && phone !== undefined) return { subject: '', send: (code, id) => texter(phone, contact.language, code, id) };
      }
    }
    for (const contact of contacts) {
      if (!contact) continue;
      const { language, email } = contact;
      const [address = ''] = await ctx.open([email]);
      const say = words[language];
      if (address !== '') return { subject: mailboxOf(contact), send: (code, id) => mailer.send(address, { subject: say.subject, text: `${say.text(code)}\n`, html: `<!doctype html><p>${say.text(code)}</p>`, messageId: `<${id}@codes.flotilla>` }) };
    }
    return undefined;
  };

  const perform: ServicePerformer['perform'] = async (job, meta) => {
    const { index, lookUpId } = job.payload as Asked;
    const at = ctx.clock.machine().toISOString();
    const { state } = (await ctx.store.folded(lookUp, [index])).get(index)!;
    if (state.lookUpId !== lookUpId || !isGood(state, at)) return;
    const way = await wayTo(index);
    if (!way) return;
    // Kept before it leaves: what a code opens is known before anybody can have it.
    const { answer } = await ctx.store.execute({ streams: [[lookUp, index]], meta, decide: (unit) => unit.run(lookUp, index, { type: 'Send', data: { index, lookUpId, subject: way.subject, at } }) });
    if (answer.length === 0) return;
    const handed = await way.send(lookUpCode(linkKeyOf(ctx), lookUpId), lookUpId);
    if (!handed.accepted) ctx.log.warn({ detail: handed.detail }, 'a look-up code could not be sent; the buyer may ask for another');
  };
  return { concurrency: 8, perform, resolve: async () => undefined };
};
