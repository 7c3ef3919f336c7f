import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { normaliseCountry } from '@flotilla/values';
import { Body, Controller, Headers, HttpCode, Param, Post, Res, type Type } from '@nestjs/common';
import { z } from 'zod';
import type { Ingest } from '../ingest.parts.js';
import { standardise } from '../standardise/address.js';
import { toCheck } from '../standardise/order.js';
import { suggestions } from '../standardise/suggest.js';
import { wordsOfFlag } from '../standardise/words.js';

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

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

/** `POST /v1/channels/{channel}/addresses:complete`: what a checkout shows while its buyer types. Nothing of it is kept or logged. */
export const addressesController = ({ channels }: Pick<Ingest, 'channels'>): Type => {
  const windows = new Map<string, { readonly until: number; count: number }>();
  const within = (channel: string): void => {
    const now = Date.now();
    const known = windows.get(channel);
    const window = known !== undefined && known.until > now ? known : { until: now + 60_000, count: 0 };
    windows.set(channel, window);
    if (++window.count > perMinute) throw new Refused('OVERLOADED', `a channel may ask ${perMinute} times a minute`);
  };

  @Controller('v1/channels')
  class AddressesController {
    @Post(':channel/addresses::complete')
    @HttpCode(200)
    async complete(@Param('channel') id: string, @Headers() { authorization = '' }: Readonly<Record<string, string | undefined>>, @Body() sent: unknown, @Res() reply: Reply): Promise<void> {
      const channel = await channels.get(id);
      const given = createHash('sha256').update(/^Bearer (.+)$/i.exec(authorization)?.[1] ?? '').digest();
      const right = createHash('sha256').update(channel?.secret ?? randomUUID()).digest();
      if (!timingSafeEqual(given, right) || channel === undefined || channel.secret.length === 0) throw new Refused('UNAUTHENTICATED', 'send the channel’s secret as "authorization: Bearer <secret>"');
      within(channel.id);
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
        flags: found.flags.map((flag) => ({ flag, ...wordsOfFlag[flag] })),
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
