import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import type { ConnectedChannel, ConnectedChannels } from './connected-channels.js';

/** As the API's document says it. */
export const channelSecret = { channelSecret: { type: 'http', scheme: 'bearer', description: 'the channel’s secret, as it was connected with' } } as const;
export const noSecret = 'The channel’s secret is missing or wrong';

/** The channel whose secret was sent as bearer token. Refused UNAUTHENTICATED. */
export const withSecret = async (channels: Pick<ConnectedChannels, 'get'>, id: string, { authorization = '' }: Readonly<Record<string, string | undefined>>): Promise<ConnectedChannel> => {
  const channel = await channels.get(id);
  const given = createHash('sha256').update(/^Bearer (.+)$/i.exec(authorization)?.[1] ?? '').digest();
  const right = createHash('sha256').update(channel?.secret ?? randomUUID()).digest();
  // The same for a channel that does not exist: who has no secret learns nothing. An empty one lets nobody in.
  if (!timingSafeEqual(given, right) || channel === undefined || channel.secret.length === 0) throw new Refused('UNAUTHENTICATED', 'send the channel’s secret as "authorization: Bearer <secret>"');
  return channel;
};
