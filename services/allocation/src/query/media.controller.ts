import { Describe, type ServiceContext } from '@flotilla/service-kit';
import { Controller, Get, Headers, Param, Res, type Type } from '@nestjs/common';
import { Refused } from '@flotilla/decider';
import type { Readable } from 'node:stream';
import type { MediaStore } from '../perform/media.js';
import { readVideoToken } from './suppliers/link.js';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body?: Readable): unknown;
}

const kinds = { 'video/mp4': {}, 'video/webm': {}, 'video/quicktime': {}, 'image/jpeg': {}, 'image/png': {}, 'image/webp': {} };
const endings: Readonly<Record<string, string>> = { 'video/mp4': 'mp4', 'video/webm': 'webm', 'video/quicktime': 'mov', 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' };

/** `GET /v/{token}`: a packing video or photo, for whoever has its signed link; in parts, as players ask for it. */
export const mediaByLink = ({ clock }: Pick<ServiceContext, 'clock'>, key: Uint8Array, media: MediaStore): Type => {
  @Controller('v')
  class MediaController {
    @Describe({
      id: 'watchVideo',
      summary: 'A packing video or photo, for whoever has its signed link; in parts, as players ask for it',
      headers: { range: { type: 'string' } },
      answers: { 200: ['It', kinds], 206: ['The part', kinds], 404: 'The link is not valid (any more)', 416: ['There is no such part', {}] },
    })
    @Get(':token')
    async show(@Param('token') token: string, @Headers('range') range: string | undefined, @Res() reply: Reply): Promise<void> {
      const sha256 = readVideoToken(key, token, clock.machine());
      const kept = sha256 === undefined ? undefined : await media.find(sha256);
      if (!kept) throw new Refused('LINK_INVALID', 'this link is not valid any more; ask for another');
      const { bytes, mediaType } = kept;
      const part = rangeOf(range, bytes);
      reply
        .header('content-type', mediaType)
        .header('content-disposition', `inline; filename="${kept.sha256.slice(0, 12)}.${endings[mediaType] ?? 'bin'}"`)
        .header('accept-ranges', 'bytes')
        .header('cache-control', 'private, no-store')
        .header('x-robots-tag', 'noindex, nofollow')
        .header('referrer-policy', 'no-referrer')
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', "default-src 'none'; sandbox");
      if (part === 'none') return void reply.status(416).header('content-range', `bytes */${bytes}`).send();
      if (part) reply.status(206).header('content-range', `bytes ${part.start}-${part.end}/${bytes}`);
      reply.header('content-length', String(part ? part.end - part.start + 1 : bytes)).send(kept.read(part));
    }
  }
  return MediaController;
};

/** One range of bytes; several, or none that can be read, are answered whole. */
export const rangeOf = (header: string | undefined, bytes: number): { readonly start: number; readonly end: number } | 'none' | undefined => {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  return start > end ? 'none' : { start, end };
};
