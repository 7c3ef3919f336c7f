import type { Meta, Recorded, TimerChange } from '@flotilla/event-store';
import type { ChannelEvent } from '../decide/channel.events.js';
import { RENEWAL_STALLED_MS, session } from '../decide/session.decider.js';
import type { SessionEvent } from '../decide/session.events.js';
import type { Ingest } from '../ingest.parts.js';

/** At once: a session whose end nobody has told is renewed to learn it. */
const NOW = '1970-01-01T00:00:00.000Z';

const due = (kind: 'session' | 'sessionKey', channel: string, at: string | null): TimerChange => ({ key: `${kind}-${channel}`, dueAt: at, clock: 'machine', data: { channel } });

export const isGiven = (key: string): boolean => key.startsWith('sessionKey-');

/** Looks at a channel's session when it has other settings, and before it runs out: two timers, since the second must outlive the first. */
export const sessionTimers = ({ platforms }: Pick<Ingest, 'platforms'>) => (recorded: Recorded): readonly TimerChange[] => {
  const { type, data } = { type: recorded.type, data: recorded.data } as SessionEvent | ChannelEvent;
  switch (type) {
    case 'ChannelConnected':
    case 'ChannelSettingsChanged':
      return platforms.get(data.platform)?.sessions === undefined ? [] : [due('sessionKey', data.id, NOW)];
    case 'SessionRenewalBegun':
      return [due('session', data.channel, new Date(Date.parse(data.at) + RENEWAL_STALLED_MS).toISOString())];
    case 'SessionRenewed':
      return [due('session', data.channel, data.renewAt)];
    case 'SessionRenewalPutOff':
      return [due('session', data.channel, data.nextAt)];
    case 'ChannelSessionRefused':
      return [due('session', data.channel, null)];
    default:
      return [];
  }
};

/** Begins a renewal where there is a session that can be renewed and it is time; its stream knows. */
export const beginRenewal = async ({ ctx, platforms, channels, secrets }: Pick<Ingest, 'platforms' | 'secrets'> & { readonly channels: Pick<Ingest['channels'], 'get' | 'forget'>; readonly ctx: Pick<Ingest['ctx'], 'store' | 'clock'> }, channel: string, meta: Meta, because: 'DUE' | 'OVER' | 'GIVEN'): Promise<void> => {
  // Perhaps this process remembers the key of before.
  channels.forget(channel);
  const shop = await channels.get(channel);
  const port = platforms.get(shop?.platform ?? '')?.sessions;
  if (shop === undefined || port === undefined || shop.apiUrl === '') return;
  const [fingerprint, at] = [secrets.fingerprint('token', shop.token), ctx.clock.machine().toISOString()];
  await ctx.store.execute({
    streams: [[session, channel]],
    meta,
    decide: (unit) => void unit.run(session, channel, port.canRenew(shop.token) ? { type: 'BeginRenewal', data: { channel, fingerprint, at, because } } : { type: 'NoteReplaced', data: { channel, fingerprint, at } }),
  });
};
