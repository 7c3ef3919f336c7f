import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { phoneE164 } from '@flotilla/values';
import { isGood, lookUp } from '../decide/look-up.decider.js';
import { shipment, shipmentId } from '../decide/shipment.decider.js';
import { lookUpCode } from '../query/look-up-code.js';
import { linkKeyOf } from '../query/page/html.js';
import { shipmentsOfPhone } from '../query/shipment-rows.js';
import type { Mailer } from '@flotilla/notify';
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

/**
 * Sends a code to the phone that parcels were sent to; to the mailbox of the same order where there is no gateway for texts. A phone
 * of no parcel gets none: the page says the same. Once, and no repeat: the page offers another.
 */
export const codePerformer = (ctx: ServiceContext, mailer: Mailer, texter: CodeTexter | undefined): ServicePerformer => {
  const perform: ServicePerformer['perform'] = async (job) => {
    const { index, lookUpId } = job.payload as Asked;
    const { state } = (await ctx.store.folded(lookUp, [index])).get(index)!;
    if (state.lookUpId !== lookUpId || !isGood(state, ctx.clock.machine().toISOString())) return;
    const [row] = await shipmentsOfPhone(ctx, index, 1);
    if (!row) return;
    const id = shipmentId(row);
    const { contact } = (await ctx.store.folded(shipment, [id])).get(id)!.state;
    if (!contact) return;
    const code = lookUpCode(linkKeyOf(ctx), lookUpId);
    const [phone = '', email = ''] = await ctx.open([contact.phone ?? '', contact.email]);
    const e164 = phone === '' ? undefined : phoneE164(phone, row.country === '' ? undefined : row.country);
    // The parcel's phone and the buyer's may differ: only the one that was typed gets the code.
    const byText = texter && e164 !== undefined && ctx.index('phone', e164) === index;
    const say = words[contact.language];
    const handed = byText
      ? await texter(e164, contact.language, code, lookUpId)
      : email !== ''
        ? await mailer.send(email, { subject: say.subject, text: `${say.text(code)}\n`, html: `<!doctype html><p>${say.text(code)}</p>`, messageId: `<${lookUpId}@codes.flotilla>` })
        : undefined;
    if (handed && !handed.accepted) ctx.log.warn({ detail: handed.detail }, 'a look-up code could not be sent; the buyer may ask for another');
  };
  return { concurrency: 8, perform, resolve: async () => undefined };
};
