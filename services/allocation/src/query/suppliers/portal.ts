import { reasonOf } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { Describe, htmlPage, problem, rateLimit, TakesStream, type ServiceContext, type Upload } from '@flotilla/service-kit';
import { decimalText } from '@flotilla/values';
import { Body, Controller, Get, Param, Post, Query, Req, Res, type Type } from '@nestjs/common';
import { takeFormFile } from '../../accept/suppliers/form-file.js';
import { attachVideo } from '../../accept/suppliers/videos.js';
import { act } from '../../coordinate/suppliers/participant.js';
import { allocation } from '../../decide/allocation.decider.js';
import { stockId } from '../../decide/names.js';
import { sku as article } from '../../decide/sku.decider.js';
import { offer, type Offer, type OfferCommand } from '../../decide/suppliers/offer.decider.js';
import { cost, supplier } from '../../decide/suppliers/supplier.decider.js';
import { numberOf, readable } from '../../perform/suppliers/mail.js';
import { recipientOf } from '../../perform/suppliers/recipient.js';
import type { MediaStore } from '../../perform/media.js';
import { formToken, isFormToken, readOfferToken } from './link.js';
import { offerPage, plainPage, type OfferView } from './page.js';
import { words, type Language, type Stage } from './page.words.js';

interface Request {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly ip: string;
}

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body?: string): unknown;
}

// A person opens it a few times a minute; looking is dearer for us than for whoever guesses.
const LOOKS = 60;
const DEEDS = 20;

const MIB = 1024 * 1024;
/** What a form has around its file. */
const FORM = 64 * 1024;

const lang = { type: 'string', description: 'zh or en; otherwise the supplier’s' } as const;

const isKnown = (reason: string): reason is keyof (typeof words)['zh']['notAttached'] => reason in words.zh.notAttached;

const languageOf = (chosen: string | undefined, other: string): Language => (chosen === 'zh' || chosen === 'en' ? chosen : other === 'en' ? 'en' : 'zh');

/** `GET /s/{token}`: an offer, for the supplier that has its signed link; `POST` answers it. */
export const supplierPortal = (ctx: Pick<ServiceContext, 'store' | 'clock' | 'open' | 'meta'>, key: Uint8Array, videos: MediaStore | undefined): Type => {
  const { store, clock } = ctx;
  const now = (): number => clock.machine().getTime();
  const [looks, deeds] = [rateLimit({ most: LOOKS, now }), rateLimit({ most: DEEDS, now })];

  const html = (reply: Reply, status: number, language: Language, body: string): void =>
    void reply
      .status(status)
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-language', words[language].tag)
      .header('cache-control', 'private, no-store')
      .header('x-robots-tag', 'noindex, nofollow')
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
      .send(body);

  const stateOf = async (lockId: string): Promise<Offer> => (await store.folded(offer, [lockId])).get(lockId)!.state;

  const viewOf = async (lockId: string, state: Offer, token: string, chosen: string | undefined, note: (language: Language) => string): Promise<OfferView> => {
    const { warehouse, foId } = state.head!;
    const skus = state.lines.map(({ sku }) => sku);
    const [terms, articles, costs, request] = await Promise.all([
      store.folded(supplier, [warehouse]).then((found) => found.get(warehouse)!.state),
      store.folded(article, skus),
      store.folded(cost, skus.map((sku) => stockId(warehouse, sku))),
      store.folded(allocation, [foId]).then((found) => found.get(foId)!.state.request),
    ]);
    const language = languageOf(chosen, terms?.language ?? 'zh');
    const stage = stageOf(state);
    const priced = state.lines.map((line) => ({ ...line, cost: costs.get(stockId(warehouse, line.sku))!.state }));
    const currencies = new Set(priced.map((line) => (line.cost && line.cost.amount > 0 ? line.cost.currency : '')));
    const [currency = ''] = currencies;
    const name = (sku: string): string => {
      const known = articles.get(sku)!.state;
      return (language === 'zh' ? known?.nameZh || known?.nameEn : known?.nameEn || known?.nameZh) || sku;
    };
    const masked = stage !== 'READY';
    return {
      language, stage, masked, note: note(language), number: numberOf(lockId), supplier: terms?.name || warehouse, until: readable(state.until),
      lines: priced.map(({ sku, quantity, cost: one }) => ({ sku, quantity, name: name(sku), price: one && one.amount > 0 ? `${decimalText(one.amount, one.currency)} ${one.currency}` : '' })),
      sum: currencies.size === 1 && currency !== '' ? `${decimalText(priced.reduce((all, { quantity, cost: one }) => all + quantity * (one?.amount ?? 0), 0), currency)} ${currency}` : '',
      recipient: masked ? ['***', [request?.province, request?.city].filter(Boolean).join(' ')].filter((line) => line !== '') : await opened(state),
      sent: state.sent ? `${state.sent.carrier} ${state.sent.waybill}` : '',
      video: videos ? { attached: state.videos.map(({ bytes }) => `${(bytes / MIB).toFixed(1)} MiB`), action: `/s/${token}/video?form=${formToken(key, token)}${chosen === undefined ? '' : `&lang=${language}`}`, mostMebibytes: Math.floor(videos.largest / MIB) } : null,
      form: formToken(key, token),
    };
  };

  const opened = async ({ shipping }: Offer): Promise<readonly string[]> => {
    const to = await recipientOf(ctx, shipping!);
    if (!to) return [];
    const { name, phone, company, street, district, city, province, postcode, country } = to;
    return [`${name} ${phone}`.trim(), company, street, [district, city, province].filter((one) => one !== '').join(' '), `${postcode} ${country}`.trim()].filter((line) => line !== '');
  };

  @Controller('s')
  class SupplierPortalController {
    @Describe({ id: 'showOffer', summary: 'An offer, for the supplier that has its signed link', query: { lang }, answers: { 200: ['The offer', htmlPage], 404: ['The link is not valid', htmlPage], 429: ['Asked too often', htmlPage] } })
    @Get(':token')
    async look(@Param('token') token: string, @Query('lang') chosen: string | undefined, @Req() request: Request, @Res() reply: Reply): Promise<void> {
      if (!looks(request.ip)) return this.#busy(reply, languageOf(chosen, ''));
      await this.#show(reply, 200, token, chosen, () => '');
    }

    @Describe({
      id: 'answerOffer',
      summary: 'Accepts, refuses or ships what is offered; the form stands in the page',
      query: { lang },
      body: { 'application/x-www-form-urlencoded': { type: 'object' } },
      answers: { 303: ['Done; back to the offer', {}], 400: ['The form is not what the page sends', htmlPage], 403: ['The page is too old', htmlPage], 404: ['The link is not valid', htmlPage], 409: 'The offer has come to another end', 429: ['Asked too often', htmlPage] },
    })
    @Post(':token')
    async answer(@Param('token') token: string, @Query('lang') chosen: string | undefined, @Body() body: Buffer | undefined, @Req() request: Request, @Res() reply: Reply): Promise<void> {
      if (!deeds(request.ip) || !deeds(token)) return this.#busy(reply, languageOf(chosen, ''));
      const lockId = readOfferToken(key, token, clock.machine());
      const form = new URLSearchParams((body ?? Buffer.alloc(0)).subarray(0, 4_000).toString('utf8'));
      const field = (name: string): string => (form.get(name) ?? '').slice(0, 100);
      if (lockId === undefined) return this.#show(reply, 404, token, chosen, () => '');
      if (!isFormToken(key, token, field('form'))) return this.#show(reply, 403, token, chosen, (language) => words[language].stale);
      const state = await stateOf(lockId);
      const by = `supplier:${state.head?.warehouse ?? ''}`;
      const at = clock.business().toISOString();
      const commands: Readonly<Record<string, OfferCommand>> = {
        accept: { type: 'AcceptOffer', data: { by, at } },
        refuse: { type: 'RefuseOffer', data: { by, at, reason: field('reason') } },
        ship: { type: 'ShipOffer', data: { by, at, carrier: field('carrier'), waybill: field('waybill'), evidenceSha256: '' } },
      };
      const command = commands[field('action')];
      if (!command || !state.head) return this.#show(reply, 400, token, chosen, (language) => words[language].stale);
      try {
        await store.execute({ streams: [[offer, lockId]], meta: ctx.meta({ actor: by }), decide: (unit) => void act(unit, lockId, command) });
      } catch (error) {
        if (!(error instanceof Refused) || error.reason !== 'BAD_REQUEST') throw error;
        return this.#show(reply, 400, token, chosen, (language) => words[language].badCarrier);
      }
      this.#backTo(reply, token, chosen);
    }

    @Describe({
      id: 'attachVideo',
      summary: 'Attaches a packing video; the form stands in the page',
      query: { form: { type: 'string' }, lang },
      body: { 'multipart/form-data': { type: 'object', properties: { video: { type: 'string', format: 'binary' } } } },
      answers: { 303: ['Attached; back to the offer', {}], 400: ['No form with a video', { ...htmlPage, ...problem }], 403: ['The page is too old', htmlPage], 404: ['The link is not valid, or no videos are kept', htmlPage], 409: ['The offer takes no video (any more)', { ...htmlPage, ...problem }], 413: ['Too large', { ...htmlPage, ...problem }], 429: ['Asked too often', htmlPage] },
    })
    @TakesStream((videos?.largest ?? 0) + FORM)
    @Post(':token/video')
    async attach(@Param('token') token: string, @Query('form') form: string | undefined, @Query('lang') chosen: string | undefined, @Body() upload: Upload, @Req() request: Request, @Res() reply: Reply): Promise<void> {
      try {
        if (!deeds(request.ip) || !deeds(token)) return this.#busy(reply, languageOf(chosen, ''));
        const lockId = readOfferToken(key, token, clock.machine());
        if (lockId === undefined || !videos) return await this.#show(reply, 404, token, chosen, () => '');
        if (!isFormToken(key, token, form ?? '')) return await this.#show(reply, 403, token, chosen, (language) => words[language].stale);
        const by = `supplier:${(await stateOf(lockId)).head?.warehouse ?? ''}`;
        try {
          await attachVideo(ctx, lockId, by, () => takeFormFile(upload, (file) => videos.keep(file)));
        } catch (error) {
          const reason = error instanceof Refused ? error.reason : '';
          if (!isKnown(reason)) throw error;
          return await this.#show(reply, reasonOf(reason).http, token, chosen, (language) => words[language].notAttached[reason]);
        }
        this.#backTo(reply, token, chosen);
      } finally {
        upload.bytes.destroy();
      }
    }

    // Loading the answer again sends nothing again.
    #backTo(reply: Reply, token: string, chosen: string | undefined): void {
      reply.status(303).header('location', `/s/${token}${chosen === undefined ? '' : `?lang=${languageOf(chosen, '')}`}`).header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').send();
    }

    async #show(reply: Reply, status: number, token: string, chosen: string | undefined, note: (language: Language) => string): Promise<void> {
      const lockId = readOfferToken(key, token, clock.machine());
      const state = lockId === undefined ? undefined : await stateOf(lockId);
      if (lockId === undefined || !state?.head || state.lines.length === 0) {
        const language = languageOf(chosen, '');
        return html(reply, 404, language, plainPage(language, words[language].notFound, words[language].notFoundNext));
      }
      const view = await viewOf(lockId, state, token, chosen, note);
      html(reply, status, view.language, offerPage(view));
    }

    #busy(reply: Reply, language: Language): void {
      html(reply.header('retry-after', '60'), 429, language, plainPage(language, words[language].busy, ''));
    }
  }
  return SupplierPortalController;
};

const stageOf = ({ status, shipping }: Offer): Stage => {
  switch (status) {
    case 'CONFIRMED':
      return shipping ? 'READY' : 'ACCEPTED';
    case 'CONSUMED':
      return 'SHIPPED';
    case 'NONE':
      return 'RELEASED';
    default:
      return status;
  }
};
