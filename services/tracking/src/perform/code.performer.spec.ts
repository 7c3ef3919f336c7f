import { describe, expect, it } from '@jest/globals';
import type { Meta } from '@flotilla/event-store';
import type { ServicePerformer } from '@flotilla/service-kit';
import { memory } from '../../spec/memory.js';
import { lookUp } from '../decide/look-up.decider.js';
import { shipment, shipmentId } from '../decide/shipment.decider.js';
import { lookUpCode } from '../query/look-up-code.js';
import { linkKeyOf, type PageReply } from '../query/page/html.js';
import { PhoneLookUpController } from '../query/page/phone.controller.js';
import { codePerformer } from './code.performer.js';
import type { CodeTexter } from './texts.js';

const at = '2026-11-29T08:00:00.000Z';
const phone = '+8613800138000';

const world = () => {
  const made = memory(at);
  const index = made.index(phone);
  let n = 0;
  /** A parcel with this phone in its address or its buyer; the one that is shipped last is the newest. */
  const ship = (subject: string, where: 'shipTo' | 'buyer' | 'nowhere', email = `${subject}@example.org`): string => {
    const waybill = `SF${String((n += 1)).padStart(13, '0')}`;
    const claim = { parcelId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`, foId: 'f', orders: [], carrier: 'sf', waybill };
    const [theirs, own] = [made.seal(subject, 'phone', phone), made.seal(subject, 'phone', '+8613900139000')];
    const contact = { email: email === '' ? '' : made.seal(subject, 'email', email), ...(where === 'shipTo' ? { phone: theirs } : { phone: own, buyerPhone: where === 'buyer' ? theirs : own }), country: 'CN', language: 'zh', number: '' } as const;
    made.unit.run(shipment, shipmentId(claim), { type: 'Dispatch', data: { ...claim, shippedAt: at, contact, country: 'CN', phoneIndexes: [index], items: [], warehouse: '', dueAt: '' } });
    made.rows.unshift({ carrier: 'sf', waybill, country: 'CN', number: '', parcel_id: claim.parcelId, milestone: 'MILESTONE_IN_TRANSIT', phone_indexes: [index] });
    return waybill;
  };
  const ask = async (texter?: CodeTexter): Promise<string> => {
    const lookUpId = `l${(n += 1)}`;
    made.unit.run(lookUp, index, { type: 'Ask', data: { index, lookUpId, at } });
    await codePerformer(made.ctx, made.mailer, texter).perform({ payload: { index, lookUpId } } as unknown as Parameters<ServicePerformer['perform']>[0], {} as Meta);
    return lookUpId;
  };
  /** The page that a typed code leads to. */
  const look = async (code: string): Promise<string> => {
    let page = '';
    const reply: PageReply = { status: () => reply, header: () => reply, send: (body = '') => void (page = body) };
    await new PhoneLookUpController(made.ctx).post(Buffer.from(new URLSearchParams({ phone, code }).toString()), 'en', undefined, { headers: {}, ip: '::1' }, reply);
    return page;
  };
  const mailed = (): string => /\d{6}/.exec(made.mails.at(-1)?.mail.text ?? '')?.[0] ?? '';
  const texts: { readonly to: string; readonly code: string }[] = [];
  const texter: CodeTexter = (to, _language, code) => {
    texts.push({ to, code });
    return Promise.resolve({ accepted: true });
  };
  return { ...made, index, ship, ask, look, mailed, texts, texter };
};

describe('TRK-04: a look-up code', () => {
  it('goes to the typed phone alone where texts can be sent, whoever ordered with it last and with whatever mailbox', async () => {
    for (const where of ['shipTo', 'buyer'] as const) {
      const { ship, ask, look, texts, texter, mails } = world();
      const victims = ship('victim', 'shipTo');
      const strangers = ship('stranger', where);
      await ask(texter);
      expect([texts.map(({ to }) => to), mails]).toEqual([[phone], []]);
      const page = await look(texts[0]!.code);
      expect([page.includes(victims), page.includes(strangers)]).toEqual([true, true]);
    }
  });
  it('is mailed where no phone of the newest parcels is the one that was typed, and opens the parcels of that buyer alone', async () => {
    const { ship, ask, look, texts, texter, mails, mailed } = world();
    const others = ship('other', 'nowhere');
    const waybill = ship('somebody', 'nowhere');
    await ask(texter);
    expect([texts, mails.map(({ to }) => to)]).toEqual([[], ['somebody@example.org']]);
    const page = await look(mailed());
    expect([page.includes(waybill), page.includes(others)]).toEqual([true, false]);
  });
  it('goes to the phone of an older parcel rather than to a mailbox', async () => {
    const { ship, ask, texts, texter, mails } = world();
    ship('victim', 'shipTo');
    ship('stranger', 'nowhere');
    await ask(texter);
    expect([texts.map(({ to }) => to), mails]).toEqual([[phone], []]);
  });
  it('that was mailed opens the parcels of the same buyer alone', async () => {
    const { ship, ask, look, mails, mailed } = world();
    const victims = ship('victim', 'shipTo');
    const [first, second] = [ship('stranger', 'buyer'), ship('stranger', 'shipTo')];
    await ask();
    expect(mails.map(({ to }) => to)).toEqual(['stranger@example.org']);
    const page = await look(mailed());
    expect([page.includes(first), page.includes(second), page.includes(victims)]).toEqual([true, true, false]);
  });
  it('that was sent to nobody opens nothing', async () => {
    const { ctx, ship, ask, look, mails } = world();
    const waybill = ship('victim', 'shipTo', '');
    const lookUpId = await ask();
    expect(mails).toEqual([]);
    expect(await look(lookUpCode(linkKeyOf(ctx), lookUpId))).not.toContain(waybill);
  });
});
