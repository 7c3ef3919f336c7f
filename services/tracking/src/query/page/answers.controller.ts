import { CONTEXT, Describe, htmlPage, rateLimit, type ServiceContext } from '@flotilla/service-kit';
import { isSealed, subjectOf } from '@flotilla/values';
import { Refused } from '@flotilla/decider';
import { Body, Controller, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { choices, mayRate, shipment, shipmentId, undecided, type Choice, type Shipment, type ShipmentCommand } from '../../decide/shipment.decider.js';
import type { Contact } from '../../decide/shipment.events.js';
import { shipmentOfParcel } from '../shipment-rows.js';
import { embedded, framedBy, html, lang, linkKeyOf, type PageReply, type PageRequest } from './html.js';
import { readLink } from './link.js';
import { frameOf, messagePage, queryOf } from './templates.js';
import { languageFor, words } from './words.js';

const answers = { 303: ['Taken; back to the page', {}], 400: ['The form is not what the page sends', htmlPage], 404: ['The link is not valid', htmlPage], 409: 'Changed by another request at the same moment; try again', 429: ['Asked too often', htmlPage] } as const;

/** What a form of the page may hold: an address, or a few words of praise and blame. */
export const longest = { address: 300, words: 500 };
const shortestAddress = 5;
const mostBytes = 8_000;

/** The person whose key seals what is typed; undefined if nothing is known of them: then nothing can be typed. */
export const writerOf = (contact: Contact | null): string | undefined => [contact?.email, contact?.phone, contact?.buyerPhone].filter((sealed): sealed is string => sealed !== undefined && isSealed(sealed)).map(subjectOf)[0];

/** One line or a few, without what no keyboard types. */
const typed = (form: URLSearchParams, name: string): string => (form.get(name) ?? '').replace(/\r\n?/g, '\n').replace(/[^\P{C}\n]/gu, '').trim();

type Answer = { readonly command: (seal: (field: 'street' | 'text', text: string) => Promise<string>) => Promise<ShipmentCommand> } | { readonly wrong: 'choice' | 'address' | 'rating' | 'words' };

const choiceOf = (form: URLSearchParams, at: string): Answer => {
  const choice = form.get('choice') as Choice | null;
  const address = typed(form, 'address');
  if (choice === null || !choices.includes(choice)) return { wrong: 'choice' };
  if (choice === 'FORWARD' && (address.length < shortestAddress || address.length > longest.address)) return { wrong: 'address' };
  return { command: async (seal) => ({ type: 'Choose', data: { choice, address: choice === 'FORWARD' ? await seal('street', address) : '', at } }) };
};

const feedbackOf = (form: URLSearchParams, at: string): Answer => {
  const [rating, text] = [form.get('rating') ?? '', typed(form, 'words')];
  if (!/^[1-5]$/.test(rating)) return { wrong: 'rating' };
  if (text.length > longest.words) return { wrong: 'words' };
  return { command: async (seal) => ({ type: 'GiveFeedback', data: { rating: Number(rating), words: text === '' ? '' : await seal('text', text), at } }) };
};

/**
 * What the buyer answers on the page, each once: what is to become of a parcel that could not be delivered, and how it went. The signed link is
 * the proof; whoever sends it again, or too late, is shown the page as it is.
 */
@Controller('t')
export class AnswersController {
  private readonly byAddress;
  private readonly byParcel;

  constructor(@Inject(CONTEXT) private readonly ctx: ServiceContext) {
    const now = (): number => ctx.clock.machine().getTime();
    this.byAddress = rateLimit({ most: 20, now });
    this.byParcel = rateLimit({ most: 10, now });
  }

  @Describe({ id: 'choose', summary: 'What is to become of a parcel that could not be delivered; the form stands in the page', query: { lang, embed: embedded }, body: { 'application/x-www-form-urlencoded': { type: 'object', properties: { choice: { type: 'string' }, address: { type: 'string' } } } }, answers })
  @Post(':token/choice')
  choice(@Param('token') token: string, @Body() body: Buffer, @Query('lang') chosen: string | undefined, @Query('embed') embed: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    return this.answer({ token, body, chosen, embed, request, reply }, choiceOf, (state) => undecided(state) !== undefined);
  }

  @Describe({ id: 'giveFeedback', summary: 'How it went; the form stands in the page', query: { lang, embed: embedded }, body: { 'application/x-www-form-urlencoded': { type: 'object', properties: { rating: { type: 'string' }, words: { type: 'string' } } } }, answers })
  @Post(':token/feedback')
  feedback(@Param('token') token: string, @Body() body: Buffer, @Query('lang') chosen: string | undefined, @Query('embed') embed: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    return this.answer({ token, body, chosen, embed, request, reply }, feedbackOf, mayRate);
  }

  private async answer(
    { token, body, chosen, embed, request, reply }: { readonly token: string; readonly body: Buffer; readonly chosen: string | undefined; readonly embed: string | undefined; readonly request: PageRequest; readonly reply: PageReply },
    read: (form: URLSearchParams, at: string) => Answer,
    asked: (state: Shipment) => boolean,
  ): Promise<void> {
    const { ctx } = this;
    const language = languageFor(chosen, request.headers['accept-language'], 'zh');
    const say = words[language];
    const framed = await framedBy(ctx, embed);
    const query = queryOf(language, framed.embed);
    const tell = (status: number, sentence: string, next: string): void => void html(reply, status, language, framed).send(messagePage({ ...frameOf(language, say.page.title, framed.embed), sentence, next, button: say.answers.back, href: `/t/${token}${query}` }));
    const parcelId = readLink(linkKeyOf(ctx), token);
    const row = parcelId === undefined ? undefined : await shipmentOfParcel(ctx, parcelId);
    if (!row) return void html(reply, 404, language, framed).send(messagePage({ ...frameOf(language, say.page.title, framed.embed), sentence: say.page.notFound, next: say.page.notFoundNext, button: say.page.lookUp, href: `/track${query}` }));
    if (!this.byAddress(request.ip) || !this.byParcel(parcelId ?? '')) {
      reply.header('retry-after', '60');
      return tell(429, say.answers.refused, say.track.busy);
    }
    if ((body?.length ?? 0) > mostBytes) return tell(400, say.answers.refused, say.answers.wrong.words);
    const answer = read(new URLSearchParams((body ?? Buffer.alloc(0)).toString('utf8')), ctx.clock.business().toISOString());
    if ('wrong' in answer) return tell(400, say.answers.refused, say.answers.wrong[answer.wrong]);
    const id = shipmentId(row);
    const { state } = (await ctx.store.folded(shipment, [id])).get(id)!;
    if (asked(state)) {
      try {
        const command = await answer.command(async (field, text) => {
          const writer = writerOf(state.contact);
          if (writer === undefined) throw new Refused('SUBJECT_ERASED', 'nothing is known of the person whose key would seal it');
          return ctx.seal(writer, field, text);
        });
        await ctx.store.execute({ streams: [[shipment, id]], meta: ctx.meta({ actor: 'buyer:page' }), continues: [shipment, id], decide: (unit) => unit.run(shipment, id, command) });
      } catch (error) {
        if (!(error instanceof Refused) || error.reason !== 'SUBJECT_ERASED') throw error;
        return tell(400, say.answers.refused, say.answers.erased);
      }
    }
    reply.status(303).header('location', `/t/${token}${query}`).header('cache-control', 'no-store').header('referrer-policy', 'no-referrer').send();
  }
}
