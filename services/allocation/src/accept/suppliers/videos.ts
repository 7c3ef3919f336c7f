import type { ServiceContext } from '@flotilla/service-kit';
import type { Media } from '../../decide/media.js';
import { offer } from '../../decide/suppliers/offer.decider.js';

/** Attaches what `take` stores to what has been sent. Nothing is read of a video that could not be attached. */
export const attachVideo = async ({ store, clock, meta }: Pick<ServiceContext, 'store' | 'clock' | 'meta'>, lockId: string, by: string, take: () => Promise<Media>): Promise<Media> => {
  const at = clock.business().toISOString();
  offer.decide({ type: 'AttachVideo', data: { by, at, sha256: '', bytes: 0, mediaType: '' } }, (await store.folded(offer, [lockId])).get(lockId)!.state);
  const video = await take();
  await store.execute({ streams: [[offer, lockId]], meta: meta({ actor: by }), decide: (unit) => void unit.run(offer, lockId, { type: 'AttachVideo', data: { by, at, ...video } }) });
  return video;
};
