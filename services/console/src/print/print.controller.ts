import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { CONTEXT, Describe, json, rateLimit } from '@flotilla/service-kit';
import { Body, Controller, Get, Headers, HttpCode, Inject, Ip, Post, Query, Res } from '@nestjs/common';
import { z } from 'zod';
import type { Console } from '../console.js';
import type { GuardedReply } from '../guard.js';

const pollMs = 40_000;
const drawMs = 30_000;

const jobId = z.string().max(200);
const poll = z.object({
  journal: z.string().max(60),
  agent: z.string().max(100).default(''),
  printers: z.array(z.string().max(60)).max(100).default([]),
  outcomes: z.array(z.object({ jobId, outcome: z.enum(['PRINTED', 'FAILED', 'UNKNOWN']), detail: z.string().max(1_000).default('') })).max(200).default([]),
  holds: z.array(jobId).max(200).default([]),
  waitMs: z.number().int().min(0).max(25_000).default(0),
});

const agentToken = { agentToken: { type: 'http', scheme: 'bearer', description: 'the station’s id, a ".", and the token that Printing/IssueToken gave' } } as const;
const refusals = { 400: 'Not what an agent says', 401: 'The token is not that of the station', 429: 'Too many wrong tokens, or too many requests', 503: 'The service that has the queue is away' };
const job: Readonly<Record<string, unknown>> = {
  type: 'object',
  required: ['jobId', 'document', 'printer', 'format'],
  properties: { jobId: { type: 'string' }, parcelId: { type: 'string' }, document: { enum: ['LABEL', 'PACKING_SLIP', 'CARD'] }, copy: { type: 'integer' }, printer: { type: 'string' }, format: { enum: ['ZPL', 'PDF', 'PLATFORM'] }, size: { type: 'string' }, number: { type: 'string' } },
};

const bearer = (authorization: string | undefined): { readonly station: string; readonly token: string } => {
  const [, station = '', token = ''] = /^Bearer ([a-z0-9-]{1,40})\.([\w-]{1,100})$/i.exec(authorization ?? '') ?? [];
  return { station, token };
};

/** What print agents ask: what there is to print, and the documents. The queue itself is carrier's, and outlives this process. */
@Controller('api/print')
export class PrintController {
  // Guessing a token of 256 bits is hopeless; what this spares is the asking.
  private readonly strangers = rateLimit({ most: 30, now: Date.now });
  private readonly often = rateLimit({ most: 1_200, now: Date.now });

  constructor(@Inject(CONTEXT) private readonly console: Console) {}

  @Describe({
    id: 'printPoll',
    summary: 'Says what became of documents, and asks for the next ones; waits while there are none',
    description: 'journal names the agent’s memory, and changes when that is lost. A job that was given and is neither in holds nor in outcomes is given again: it never arrived. Repeating an outcome is nothing. Print one document after the other, and keep before each that it begins, and after it what became of it.',
    security: agentToken,
    body: json({ type: 'object', required: ['journal'], properties: { journal: { type: 'string', minLength: 8, maxLength: 60 }, agent: { type: 'string' }, printers: { type: 'array', items: { type: 'string' } }, outcomes: { type: 'array', items: { type: 'object', required: ['jobId', 'outcome'], properties: { jobId: { type: 'string' }, outcome: { enum: ['PRINTED', 'FAILED', 'UNKNOWN'] }, detail: { type: 'string' } } } }, holds: { type: 'array', items: { type: 'string' } }, waitMs: { type: 'integer', minimum: 0, maximum: 25_000 } } }),
    answers: { 200: ['What is to be printed, the oldest first', json({ type: 'object', required: ['jobs'], properties: { jobs: { type: 'array', items: job } } })], ...refusals },
  })
  @Post('poll')
  @HttpCode(200)
  async poll(@Headers('authorization') authorization: string | undefined, @Ip() ip: string, @Body() body: Buffer | undefined): Promise<{ readonly jobs: readonly carrier.PrintJob[] }> {
    const asked = poll.safeParse(jsonOf(body));
    if (!asked.success) throw new Refused('BAD_REQUEST', asked.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ').slice(0, 300));
    const { jobs } = await this.asAgent(authorization, ip, (agent) => this.printing.poll({ ...agent, ...asked.data }, { deadlineMs: pollMs }));
    return { jobs };
  }

  @Describe({
    id: 'printDocument',
    summary: 'The document of a job that this agent was given, drawn now',
    query: { job: { type: 'string', maxLength: 200 }, journal: { type: 'string', maxLength: 60 } },
    security: agentToken,
    answers: { 200: ['The bytes for the printer', { 'application/zpl': {}, 'application/pdf': {}, 'application/json': {} }], ...refusals, 404: 'The job was not given to this agent, or is settled', 409: 'There is nothing to print any more: whoever scanned is told', 410: 'The person’s data was erased' },
  })
  @Get('document')
  async document(@Headers('authorization') authorization: string | undefined, @Ip() ip: string, @Query('job') wanted: string | undefined, @Query('journal') journal: string | undefined, @Res() reply: GuardedReply): Promise<void> {
    if (typeof wanted !== 'string' || typeof journal !== 'string') throw new Refused('BAD_REQUEST', 'name the job and your journal');
    const { data, contentType } = await this.asAgent(authorization, ip, (agent) => this.printing.fetch({ ...agent, journal, jobId: wanted }, { deadlineMs: drawMs }));
    reply.status(200).header('content-type', contentType).send(Buffer.from(data));
  }

  private get printing(): { readonly poll: (request: object, options: object) => Promise<carrier.PollPrintResponse>; readonly fetch: (request: object, options: object) => Promise<carrier.PrintDocument> } {
    return this.console.client(carrier.Printing, 'carrier') as never;
  }

  private async asAgent<T>(authorization: string | undefined, ip: string, ask: (agent: { readonly station: string; readonly token: string }) => Promise<T>): Promise<T> {
    const agent = bearer(authorization);
    if (!this.often(agent.station || ip)) throw new Refused('OVERLOADED', 'too many requests; wait a moment');
    try {
      if (agent.token === '') throw new Refused('UNAUTHENTICATED', 'send "authorization: Bearer <station>.<token>"');
      return await ask(agent);
    } catch (error) {
      const unknown = (error as { readonly code?: unknown }).code === 16 || (error instanceof Refused && error.reason === 'UNAUTHENTICATED');
      if (!unknown) throw error;
      if (!this.strangers(ip)) throw new Refused('OVERLOADED', 'too many wrong tokens; wait a minute');
      throw new Refused('UNAUTHENTICATED', 'the token is not that of the station; a new one is made in the set-up of stations');
    }
  }
}

const jsonOf = (body: Buffer | undefined): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body ?? Buffer.from('')));
  } catch {
    throw new Refused('BAD_JSON', 'the body is no JSON');
  }
};
