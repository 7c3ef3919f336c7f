import { createHash } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { CONTEXT, Describe, htmlPage, json, rateLimit, type ServiceContext } from '@flotilla/service-kit';
import { phoneE164 } from '@flotilla/values';
import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { mayRate, undecided, type Choice } from '../../decide/shipment.decider.js';
import { isAbroad, type ShipmentEvent } from '../../decide/shipment.events.js';
import type { ShipmentRow } from '../../project/shipments.js';
import { carrierTitle } from '../../sources/registry.js';
import { pickupCodeOf } from '../pickup-code.js';
import { provenanceOf } from '../provenance.js';
import { journeyOf, shipmentOfParcel, shipmentsOfNumber } from '../shipment-rows.js';
import { writerOf } from './answers.controller.js';
import { embedded, framedBy, html, lang, linkKeyOf, type Framed, type PageReply, type PageRequest } from './html.js';
import { linkToken, readLink } from './link.js';
import { frameOf, messagePage, parcelPage, queryOf, trackPage } from './templates.js';
import { toView } from './view.js';
import { languageFor, words, type Language } from './words.js';

const minute = 60_000;

/** What machines read: schema.org's ParcelDelivery, safe inside a script element. */
const linkedData = (row: ShipmentRow, carrier: string): string =>
  JSON.stringify({
    '@context': 'https://schema.org',
    '@type': 'ParcelDelivery',
    trackingNumber: row.waybill,
    provider: { '@type': 'Organization', name: carrier },
    ...(row.number === '' ? {} : { partOfOrder: { '@type': 'Order', orderNumber: row.number } }),
  }).replaceAll('<', '\\u003c');

/** When it was promised for, as the shop said when it left. */
const promisedIn = (events: readonly ShipmentEvent[]): string => {
  const left = events.findLast((event) => event.type === 'ShipmentDispatched');
  return left?.type === 'ShipmentDispatched' ? (left.data.dueAt ?? '') : '';
};

/** `GET /t/{token}`: the page of one parcel, for whoever has its signed link. */
@Controller()
export class ParcelPageController {
  constructor(@Inject(CONTEXT) private readonly ctx: ServiceContext) {}

  @Describe({ id: 'showParcel', summary: 'The page of one parcel, for whoever has its signed link', query: { lang, embed: embedded }, headers: { 'if-none-match': { type: 'string' } }, answers: { 200: ['The page', htmlPage], 304: ['As before', {}], 404: ['The link is not valid, or nothing has left yet', htmlPage] } })
  @Get('t/:token')
  async page(@Param('token') token: string, @Query('lang') chosen: string | undefined, @Query('embed') embed: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    const { ctx } = this;
    const parcelId = readLink(linkKeyOf(ctx), token);
    const row = parcelId === undefined ? undefined : await shipmentOfParcel(ctx, parcelId);
    const language = languageFor(chosen, request.headers['accept-language'], row && isAbroad(row.country) ? 'en' : 'zh');
    const say = words[language];
    const framed = await framedBy(ctx, embed);
    if (!row) {
      html(reply, 404, language, framed).send(messagePage({ ...frameOf(language, say.page.title, framed.embed), sentence: say.page.notFound, next: say.page.notFoundNext, button: say.page.lookUp, href: `/track${queryOf(language, framed.embed)}` }));
      return;
    }
    const carrier = carrierTitle(row.carrier, language);
    const { claim, recorded, scans, pickupPlace, state } = await journeyOf(ctx, row);
    const shown = await provenanceOf(ctx, claim, recorded);
    const last = state.chosen.at(-1);
    const subject = {
      milestone: row.milestone,
      shippedAt: row.shipped_at?.toISOString() ?? '',
      promisedAt: promisedIn(recorded as unknown as readonly ShipmentEvent[]),
      carrier: row.carrier,
      waybill: row.waybill,
      number: row.number,
      country: row.country,
      items: row.items.map(({ name, sku, quantity }) => ({ name: name === '' ? sku : name, quantity })),
      pickup: pickupPlace === '' ? null : { code: pickupCodeOf(ctx.config as { readonly FLOTILLA_INDEX_KEY?: string })(row.parcel_id ?? ''), place: pickupPlace },
      asks: {
        token,
        embed: framed.embed,
        choosing: undecided(state) !== undefined,
        // What was chosen is shown while the trouble lasts.
        choice: last && state.troubles.some(({ kind, time, phase }) => kind === last.trouble && time === last.time && phase === 'open') ? (last.choice as Choice) : ('' as const),
        rating: mayRate(state),
        rated: state.rated,
        writes: writerOf(state.contact) !== undefined,
      },
      proven: shown === undefined ? null : { steps: shown.provenance.steps, warehouseNames: shown.warehouseNames },
      scans,
    };
    const view = toView(subject, carrier, language, ctx.clock.business(), linkedData(row, carrier));
    const body = parcelPage(view, carrier);
    const etag = `"${createHash('sha256').update(body).update(framed.origins.join(' ')).digest('base64url').slice(0, 22)}"`;
    if ((request.headers['if-none-match'] ?? '').split(/\s*,\s*/).some((one) => one.replace(/^W\//, '') === etag)) {
      reply.status(304).header('etag', etag).header('cache-control', 'private, no-cache').header('vary', 'accept-language').send();
      return;
    }
    html(reply, 200, language, framed).header('etag', etag).send(body);
  }

  @Describe({ id: 'showProvenance', summary: 'Where a parcel comes from: each step with the event that says so, for whoever has the signed link of its page', answers: { 200: ['The steps', json({ type: 'object' })], 404: 'The link is not valid, nothing has left yet, or the shop does not show it' } })
  @Get('t/:token/provenance.json')
  async provenance(@Param('token') token: string, @Res() reply: PageReply): Promise<void> {
    const { ctx } = this;
    const parcelId = readLink(linkKeyOf(ctx), token);
    const row = parcelId === undefined ? undefined : await shipmentOfParcel(ctx, parcelId);
    const journey = row && (await journeyOf(ctx, row));
    const shown = journey && (await provenanceOf(ctx, journey.claim, journey.recorded));
    if (!shown) throw new Refused('NOT_FOUND', 'the link is not valid, nothing has left yet, or the shop does not show where parcels come from');
    reply
      .status(200)
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'private, no-cache')
      .header('x-robots-tag', 'noindex, nofollow')
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .send(`${JSON.stringify(shown.provenance, null, 1)}\n`);
  }
}

/** `/track`: who has no link proves to be the buyer by the phone and the number of the order. */
@Controller('track')
export class LookUpController {
  // A person tries a few times; someone who guesses phones tries often, from one address or from many.
  private readonly byAddress;
  private readonly byNumber;

  constructor(@Inject(CONTEXT) private readonly ctx: ServiceContext) {
    const now = (): number => ctx.clock.machine().getTime();
    this.byAddress = rateLimit({ most: 10, now });
    this.byNumber = rateLimit({ most: 20, windowMs: 60 * minute, now });
  }

  @Describe({ id: 'lookUpForm', summary: 'The form for whoever has no link', query: { lang, embed: embedded }, answers: { 200: ['The form', htmlPage] } })
  @Get()
  async form(@Query('lang') chosen: string | undefined, @Query('embed') embed: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    const language = languageFor(chosen, request.headers['accept-language'], 'zh');
    const framed = await framedBy(this.ctx, embed);
    html(reply, 200, language, framed).send(this.render(language, framed, ''));
  }

  @Describe({
    id: 'lookUp',
    summary: 'Looks for the parcels of an order by its number and the buyer’s phone',
    query: { lang, embed: embedded },
    body: { 'application/x-www-form-urlencoded': { type: 'object', properties: { phone: { type: 'string' }, number: { type: 'string' } } } },
    answers: { 200: ['Several parcels, or none', htmlPage], 303: ['To the page of the only parcel', {}], 429: ['Asked too often', htmlPage] },
  })
  @Post()
  async find(@Body() body: Buffer, @Query('lang') chosen: string | undefined, @Query('embed') embed: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    const language = languageFor(chosen, request.headers['accept-language'], 'zh');
    const say = words[language];
    const framed = await framedBy(this.ctx, embed);
    const form = new URLSearchParams((body ?? Buffer.alloc(0)).subarray(0, 2_000).toString('utf8'));
    const [phone, number] = [form.get('phone') ?? '', (form.get('number') ?? '').slice(0, 60)];
    if (!this.byAddress(request.ip) || (number !== '' && !this.byNumber(number.toUpperCase()))) {
      html(reply, 429, language, framed).header('retry-after', '60').send(this.render(language, framed, say.track.busy));
      return;
    }
    const found = await this.matching(phone, number);
    const only = found.length === 1 ? found[0] : undefined;
    if (only) {
      reply.status(303).header('location', `${this.href(only)}${queryOf(language, framed.embed)}`).header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').send();
      return;
    }
    // The same words and the same status whether the order does not exist, the phone is another's, or nothing has left.
    html(reply, 200, language, framed).send(this.render(language, framed, found.length === 0 ? say.track.neutral : '', found));
  }

  private async matching(phone: string, number: string): Promise<readonly ShipmentRow[]> {
    const candidates = await shipmentsOfNumber(this.ctx, number);
    return candidates.filter((row) => {
      const e164 = phoneE164(phone, row.country === '' ? undefined : row.country);
      return row.parcel_id !== null && e164 !== undefined && row.phone_indexes.includes(this.ctx.index('phone', e164));
    });
  }

  private href(row: ShipmentRow): string {
    return `/t/${linkToken(linkKeyOf(this.ctx), row.parcel_id ?? '')}`;
  }

  private render(language: Language, { embed }: Framed, note: string, found: readonly ShipmentRow[] = []): string {
    const say = words[language];
    const links = found.map((row) => ({
      href: `${this.href(row)}${queryOf(language, embed)}`,
      label: `${carrierTitle(row.carrier, language)} ${row.waybill}`,
      state: say.scan[row.milestone],
    }));
    return trackPage({ ...frameOf(language, say.track.title, embed), words: say.track, byPhone: say.phone.title, note, found: links });
  }
}
