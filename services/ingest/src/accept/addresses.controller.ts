import { Refused } from '@flotilla/decider';
import { Describe, json, rateLimit } from '@flotilla/service-kit';
import { addressFlags, countries, normaliseCountry } from '@flotilla/values';
import { Body, Controller, Headers, HttpCode, Param, Post, Res, type Type } from '@nestjs/common';
import { z } from 'zod';
import type { Ingest } from '../ingest.parts.js';
import { channelName } from './channel-name.js';
import { channelSecret, noSecret, withSecret } from './channel-secret.js';
import { standardise } from '../standardise/address.js';
import { toCheck } from '../standardise/order.js';
import { suggestions } from '../standardise/suggest.js';

const mostBytes = 8 * 1024;
// Of one channel in one process: a checkout asks while its buyer types.
const perMinute = 600;

const asked = z.strictObject({
  country: z.string().max(60).default('CN'),
  province: z.string().max(100).default(''),
  city: z.string().max(100).default(''),
  district: z.string().max(100).default(''),
  postcode: z.string().max(20).default(''),
  street: z.string().max(400).default(''),
  phone: z.string().max(40).default(''),
});

const text = (maxLength: number, description?: string): object => ({ type: 'string', maxLength, ...(description === undefined ? {} : { description }) });
const partialAddress = {
  type: 'object',
  additionalProperties: false,
  properties: {
    country: { type: 'string', enum: countries, description: 'ISO 3166-1; a name of the country is taken, too, and CN where it is missing' }, province: text(100), city: text(100), district: text(100), postcode: text(20), street: text(400, 'the rest, or the whole address'), phone: text(40),
  },
};
const division = { type: 'object', required: ['province', 'city', 'district', 'code'], properties: { province: { type: 'string' }, city: { type: 'string' }, district: { type: 'string' }, code: { type: 'string', description: 'GB/T 2260' } } };
const completed = {
  type: 'object',
  required: ['address', 'suggestions', 'flags'],
  properties: {
    address: { type: 'object', description: 'flotilla.ingest.v1.AddressCheck' },
    suggestions: { type: 'array', maxItems: 20, items: division },
    flags: { type: 'array', items: { type: 'object', required: ['flag', 'zh', 'en'], properties: { flag: { type: 'string' }, zh: { type: 'string' }, en: { type: 'string' } } } },
  },
};

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

/** `POST /v1/channels/{channel}/addresses:complete`: what a checkout shows while its buyer types. Nothing of it is kept or logged. */
export const addressesController = ({ channels, ctx }: Pick<Ingest, 'channels'> & { readonly ctx: Pick<Ingest['ctx'], 'clock'> }): Type => {
  const allowed = rateLimit({ most: perMinute, now: () => ctx.clock.machine().getTime() });

  @Controller('v1/channels')
  class AddressesController {
    @Describe({
      id: 'completeAddress',
      summary: 'What a partial address says, how it may go on, and what is wrong with it: for a shop’s checkout',
      description: `Fields as the buyer has typed them so far, or all of it in street. Answered with province, city and district by their standard names, a confidence in percent for each, up to 20 divisions with which it may go on (China), and flags in Chinese and English. Nothing of it is kept. To be called by the shop’s server, which holds the secret; ${perMinute} times a minute and process at most, with ${mostBytes} bytes each.`,
      params: { channel: channelName },
      security: channelSecret,
      body: json(partialAddress),
      bodyRequired: true,
      answers: { 200: ['What was understood', json(completed)], 400: 'No JSON, a field that is too long or unknown, or a country that is none', 401: noSecret },
    })
    // "::" is a ":" that begins no parameter.
    @Post(':channel/addresses::complete')
    @HttpCode(200)
    async complete(@Param('channel') id: string, @Headers() headers: Readonly<Record<string, string | undefined>>, @Body() sent: unknown, @Res() reply: Reply): Promise<void> {
      const channel = await withSecret(channels, id, headers);
      if (!allowed(channel.id)) throw new Refused('OVERLOADED', `a channel may ask ${perMinute} times a minute`);
      const body = Buffer.isBuffer(sent) ? sent : Buffer.alloc(0);
      if (body.length > mostBytes) throw new Refused('TOO_LARGE', `an address has at most ${mostBytes / 1024} KiB`);
      const address = read(body);
      const { country } = address;
      const code = normaliseCountry(country);
      if (code === undefined) throw new Refused('BAD_ADDRESS', 'country is none that is known: send its ISO 3166-1 code');
      const found = standardise({ ...address, country: code });
      reply.status(200).header('content-type', 'application/json').header('cache-control', 'no-store').send({
        address: toCheck(found),
        suggestions: suggestions({ ...address, country: code }, found),
        flags: found.flags.map((flag) => ({ flag, ...addressFlags[flag] })),
      });
    }
  }
  return AddressesController;
};

const read = (body: Uint8Array): z.output<typeof asked> => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new Refused('BAD_JSON', 'the body is no JSON');
  }
  const checked = asked.safeParse(parsed);
  if (checked.success) return checked.data;
  const { path, message } = checked.error.issues[0]!;
  throw new Refused('BAD_REQUEST', `${path.join('.') || 'the body'}: ${message}`.slice(0, 200));
};
