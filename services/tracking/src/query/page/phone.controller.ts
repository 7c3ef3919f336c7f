import { randomUUID } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { CONTEXT, Describe, htmlPage, rateLimit, type ServiceContext } from '@flotilla/service-kit';
import { phoneE164 } from '@flotilla/values';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { isGood, lookUp } from '../../decide/look-up.decider.js';
import type { ShipmentRow } from '../../project/shipments.js';
import { carrierTitle } from '../../sources/registry.js';
import { isCode, lookUpCode } from '../look-up-code.js';
import { contactsOf, mailboxOf, shipmentsOfPhone } from '../shipment-rows.js';
import { embedded, framedBy, html, lang, linkKeyOf, type Framed, type PageReply, type PageRequest } from './html.js';
import { linkToken } from './link.js';
import { frameOf, phonePage, queryOf } from './templates.js';
import { languageFor, words, type Language } from './words.js';

const mostShown = 50;

/**
 * `/track/phone`: a code to the phone opens the pages of all its parcels; one to a mailbox those of its owner. Whoever types a phone that is not theirs learns nothing: the
 * page is the same whether it is known, was asked too often, or the code is wrong; sending happens elsewhere, so that time tells nothing either.
 */
@Controller('track/phone')
export class PhoneLookUpController {
  private readonly byAddress;

  constructor(@Inject(CONTEXT) private readonly ctx: ServiceContext) {
    this.byAddress = rateLimit({ most: 10, now: () => ctx.clock.machine().getTime() });
  }

  @Describe({ id: 'phoneForm', summary: 'The form for a code to the phone', query: { lang, embed: embedded }, answers: { 200: ['The form', htmlPage] } })
  @Get()
  async form(@Query('lang') chosen: string | undefined, @Query('embed') embed: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    const language = languageFor(chosen, request.headers['accept-language'], 'zh');
    const framed = await framedBy(this.ctx, embed);
    html(reply, 200, language, framed).send(this.render(language, framed, { phone: '', note: '', asking: true }));
  }

  @Describe({
    id: 'lookUpByPhone',
    summary: 'Sends a code to the phone, or opens its parcels with the code',
    query: { lang, embed: embedded },
    body: { 'application/x-www-form-urlencoded': { type: 'object', properties: { phone: { type: 'string' }, code: { type: 'string' } } } },
    answers: { 200: ['The same page whether the phone is known or not; with its parcels if the code is right', htmlPage], 409: 'Changed by another request at the same moment; try again', 429: ['Asked too often', htmlPage] },
  })
  @Post()
  @HttpCode(200)
  async post(@Body() body: Buffer, @Query('lang') chosen: string | undefined, @Query('embed') embed: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    const language = languageFor(chosen, request.headers['accept-language'], 'zh');
    const say = words[language];
    const framed = await framedBy(this.ctx, embed);
    const form = new URLSearchParams((body ?? Buffer.alloc(0)).subarray(0, 2_000).toString('utf8'));
    const [phone, code] = [(form.get('phone') ?? '').slice(0, 40), (form.get('code') ?? '').slice(0, 20)];
    if (!this.byAddress(request.ip)) {
      html(reply, 429, language, framed).header('retry-after', '60').send(this.render(language, framed, { phone: '', note: say.track.busy, asking: true }));
      return;
    }
    const e164 = phoneE164(phone, 'CN');
    if (e164 === undefined) {
      html(reply, 200, language, framed).send(this.render(language, framed, { phone: '', note: say.phone.noPhone, asking: true }));
      return;
    }
    const index = this.ctx.index('phone', e164);
    if (code === '') {
      await this.ask(index);
      html(reply, 200, language, framed).send(this.render(language, framed, { phone, note: say.phone.sent, asking: false }));
      return;
    }
    const found = await this.opened(index, code);
    const links = found.map((row) => ({ href: `/t/${linkToken(linkKeyOf(this.ctx), row.parcel_id ?? '')}${queryOf(language, framed.embed)}`, label: `${row.number === '' ? '' : `${row.number} · `}${carrierTitle(row.carrier, language)} ${row.waybill}`, state: say.scan[row.milestone] }));
    html(reply, 200, language, framed).send(this.render(language, framed, { phone, note: found.length === 0 ? say.phone.wrong : '', asking: false, found: links }));
  }

  private async ask(index: string): Promise<void> {
    const { ctx } = this;
    try {
      await ctx.store.execute({ streams: [[lookUp, index]], meta: ctx.meta({ actor: 'buyer:page' }), decide: (unit) => unit.run(lookUp, index, { type: 'Ask', data: { index, lookUpId: randomUUID(), at: ctx.clock.machine().toISOString() } }) });
    } catch (error) {
      // Asked too often: said to nobody, since it would tell that somebody asked.
      if (!(error instanceof Refused)) throw error;
    }
  }

  /** The parcels that a typed code opens; none if it is not right. */
  private async opened(index: string, typed: string): Promise<readonly ShipmentRow[]> {
    const { ctx } = this;
    const at = ctx.clock.machine().toISOString();
    const { answer } = await ctx.store.execute({
      streams: [[lookUp, index]],
      meta: ctx.meta({ actor: 'buyer:page' }),
      decide: (unit) => {
        const state = unit.state(lookUp, index);
        const right = state.sent && isGood(state, at) && isCode(typed, lookUpCode(linkKeyOf(ctx), state.lookUpId));
        return { accepted: unit.run(lookUp, index, { type: 'Try', data: { index, right, at } }).some(({ type }) => type === 'CodeAccepted'), subject: state.subject };
      },
    });
    const rows = answer.accepted ? await shipmentsOfPhone(ctx, index, mostShown) : [];
    if (answer.subject === '') return rows;
    // A mailbox proves who somebody is, not that the phone is theirs: anybody may order with the phone of another.
    const contacts = await contactsOf(ctx, rows);
    return rows.filter((_, n) => mailboxOf(contacts[n]) === answer.subject);
  }

  private render(language: Language, { embed }: Framed, it: { readonly phone: string; readonly note: string; readonly asking: boolean; readonly found?: readonly { readonly href: string; readonly label: string; readonly state: string }[] }): string {
    const { track, phone } = words[language];
    return phonePage({ ...frameOf(language, phone.title, embed), words: phone, labels: track, found: [], ...it });
  }
}
