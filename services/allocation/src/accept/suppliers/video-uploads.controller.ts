import { Refused } from '@flotilla/decider';
import { Describe, json, TakesStream, type ServiceContext, type Upload } from '@flotilla/service-kit';
import { Body, Controller, Headers, HttpCode, Param, Post, type Type } from '@nestjs/common';
import { timingSafeEqual } from 'node:crypto';
import { offer } from '../../decide/suppliers/offer.decider.js';
import { supplier } from '../../decide/suppliers/supplier.decider.js';
import { signatureOf } from '../../perform/suppliers/api.js';
import type { MediaStore } from '../../perform/media.js';
import { attachVideo } from './videos.js';

/** Signatures older or younger than this are replays. */
const WINDOW_S = 300;

type Names = Readonly<Record<string, string | undefined>>;

/**
 * `POST /v1/suppliers/{supplier}/offers/{offer}/video`: a supplier's system attaches a packing video; the body is its bytes. Signed as Standard Webhooks sign,
 * with `<offer>.<content-digest>` in the place of the body, so that nothing is read of whoever cannot sign; the digest (RFC 9530) is held against the bytes.
 */
export const videoUploads = (ctx: Pick<ServiceContext, 'store' | 'clock' | 'meta'>, videos: MediaStore, secrets: Readonly<Record<string, string>>): Type => {
  const announcedBy = async (id: string, lockId: string, headers: Names): Promise<string | undefined> => {
    const [name = '', timestamp = '', given = '', digest = ''] = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'content-digest'].map((one) => headers[one]);
    const terms = /^[A-Za-z0-9_-]{1,32}$/.test(id) ? (await ctx.store.folded(supplier, [id])).get(id)!.state : null;
    const secret = secrets[terms?.apiSecret ?? ''];
    const sha256 = /^sha-256=:([A-Za-z0-9+/]{43}=):$/.exec(digest)?.[1];
    if (!secret || !sha256 || !/^\d{1,12}$/.test(timestamp) || Math.abs(ctx.clock.machine().getTime() / 1_000 - Number(timestamp)) > WINDOW_S) return undefined;
    const right = Buffer.from(signatureOf(secret, name, Number(timestamp), `${lockId}.${digest}`));
    const isRight = given.split(' ').some((one) => {
      const bytes = Buffer.from(one);
      return bytes.length === right.length && timingSafeEqual(bytes, right);
    });
    return isRight ? Buffer.from(sha256, 'base64').toString('hex') : undefined;
  };

  @Controller('v1/suppliers')
  class VideoUploadsController {
    @Describe({
      id: 'uploadVideo',
      summary: 'A supplier’s system attaches a packing video; the body is its bytes',
      description: 'Signed as Standard Webhooks sign (webhook-id, webhook-timestamp, webhook-signature), with `<offer>.<content-digest>` in the place of the body; content-digest is that of RFC 9530, sha-256. MP4, WebM or MOV, known by its first bytes.',
      body: { '*/*': {} },
      answers: {
        200: ['Attached', json({ type: 'object', required: ['sha256', 'bytes', 'mediaType'], properties: { sha256: { type: 'string' }, bytes: { type: 'integer' }, mediaType: { type: 'string' } } })],
        400: 'No video, not the bytes that were announced, or broken off', 401: 'The signature is missing or wrong, or there is no such supplier', 404: 'There is no such offer to the supplier', 409: 'The offer takes no video (any more)',
      },
    })
    @TakesStream(videos.largest)
    @Post(':supplier/offers/:offer/video')
    @HttpCode(200)
    async attach(@Param('supplier') id: string, @Param('offer') lockId: string, @Headers() headers: Names, @Body() { bytes }: Upload): Promise<{ readonly sha256: string; readonly bytes: number; readonly mediaType: string }> {
      try {
        const announced = await announcedBy(id, lockId, headers);
        // The same for a supplier that nobody knows: who cannot sign learns nothing.
        if (announced === undefined) throw new Refused('BAD_SIGNATURE', 'the signature is missing or wrong');
        const state = /^[0-9a-f-]{36}$/.test(lockId) ? (await ctx.store.folded(offer, [lockId])).get(lockId)!.state : undefined;
        if (state?.head?.warehouse !== id || state.lines.length === 0) throw new Refused('NOT_FOUND', `there is no offer "${lockId.slice(0, 40)}" to ${id}`);
        return await attachVideo(ctx, lockId, `supplier:${id}`, () => videos.keep(bytes, announced));
      } finally {
        bytes.destroy();
      }
    }
  }
  return VideoUploadsController;
};
