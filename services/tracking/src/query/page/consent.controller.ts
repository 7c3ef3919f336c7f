import { CONTEXT, Describe, htmlPage, type ServiceContext } from '@flotilla/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { consent, type ConsentCommand } from '../../decide/consent.decider.js';
import { html, lang, linkKeyOf, type PageReply, type PageRequest } from './html.js';
import { readLink } from './link.js';
import { consentPage, frameOf } from './templates.js';
import { languageFor, words } from './words.js';

/** `/o/{token}`: whoever has the signed link ends these messages, or has them again. Looking changes nothing: mail programs look at links. */
@Controller('o')
export class ConsentController {
  constructor(@Inject(CONTEXT) private readonly ctx: ServiceContext) {}

  @Describe({ id: 'showConsent', summary: 'Whether these messages are wanted, for whoever has the signed link', query: { lang }, answers: { 200: ['It', htmlPage], 404: ['The link is not valid', htmlPage] } })
  @Get(':token')
  async look(@Param('token') token: string, @Query('lang') chosen: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    const subject = readLink(linkKeyOf(this.ctx), token, 'consent');
    await this.show(subject, subject === undefined ? false : (await this.ctx.store.folded(consent, [subject])).get(subject)!.state.out, chosen, request, reply);
  }

  /** The page's button, and the one click of a mail program (RFC 8058). */
  @Describe({
    id: 'changeConsent',
    summary: 'Ends these messages, or has them again; also the one click of a mail program (RFC 8058)',
    query: { lang },
    body: { 'application/x-www-form-urlencoded': { type: 'object', properties: { again: { type: 'string' } } } },
    answers: { 200: ['Changed', htmlPage], 404: ['The link is not valid', htmlPage], 409: 'Changed by another request at the same moment; try again' },
  })
  @Post(':token')
  @HttpCode(200)
  async change(@Param('token') token: string, @Body() body: Buffer, @Query('lang') chosen: string | undefined, @Req() request: PageRequest, @Res() reply: PageReply): Promise<void> {
    const { ctx } = this;
    const subject = readLink(linkKeyOf(ctx), token, 'consent');
    if (subject === undefined) return this.show(subject, false, chosen, request, reply);
    const again = new URLSearchParams((body ?? Buffer.alloc(0)).subarray(0, 500).toString('utf8')).get('again') === 'yes';
    const command: ConsentCommand = { type: again ? 'OptIn' : 'OptOut', data: { at: ctx.clock.business().toISOString() } };
    await ctx.store.execute({ streams: [[consent, subject]], meta: ctx.meta({ actor: 'buyer:link' }), decide: (unit) => unit.run(consent, subject, command) });
    return this.show(subject, !again, chosen, request, reply);
  }

  private async show(subject: string | undefined, out: boolean, chosen: string | undefined, request: PageRequest, reply: PageReply): Promise<void> {
    const language = languageFor(chosen, request.headers['accept-language'], 'zh');
    const { page, consent: say } = words[language];
    const valid = subject !== undefined;
    const text = valid ? (out ? { sentence: say.out, next: say.outNext, button: say.again } : { sentence: say.in, next: say.inNext, button: say.stop }) : { sentence: page.notFound, next: say.invalidNext, button: '' };
    html(reply, valid ? 200 : 404, language).send(consentPage({ ...frameOf(language, say.title), ...text, again: out }));
  }
}
