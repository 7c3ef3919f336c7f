import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Meta, Performed, Recorded } from '@flotilla/event-store';
import type { ServiceContext, ServicePerformer } from '@flotilla/service-kit';
import { channel as channelStream } from '../decide/channel.decider.js';
import { session, type SessionCommand } from '../decide/session.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { channelApi } from './channel-api.js';
import { passes } from './passing.js';

const tries = 4;
const longestWaitMs = 10_000;
/** Until it is begun anew, after all tries came to nothing. */
const putOffMs = 5 * 60_000;

type Parts = Pick<Ingest, 'platforms' | 'secrets'> & { readonly ctx: Pick<ServiceContext, 'store' | 'clock' | 'outside'>; readonly channels: Pick<Ingest['channels'], 'get' | 'forget'> };

export const sessionRenewalJobs = ({ type, data }: Recorded): readonly Job[] => {
  if (type !== 'SessionRenewalBegun') return [];
  const { channel, attempt } = data as { readonly channel: string; readonly attempt: number };
  return [{ kind: 'session-renewal', intent: `${channel}.${attempt}`, payload: null }];
};

/**
 * Renews a channel's session: the new token and that it was renewed are one append. A renewal whose answer was lost is asked for again with the old refresh token; a platform that has
 * spent that refuses, which is told to people: nobody else can tell what it had answered.
 */
export const sessionRenewalPerformer = ({ ctx, channels, platforms, secrets }: Parts): ServicePerformer => {
  const renew = async ({ intent, signal }: Performed, meta: Meta): Promise<void> => {
    const [id = '', number = ''] = intent.split('.');
    const attempt = Number(number);
    const { state } = (await ctx.store.folded(session, [id])).get(id)!;
    if (state.status !== 'renewing' || state.attempt !== attempt) return;
    channels.forget(id);
    const shop = await channels.get(id);
    const port = platforms.get(shop?.platform ?? '')?.sessions;
    const run = async (command: SessionCommand): Promise<void> => {
      await ctx.store.execute({ streams: [[session, id]], meta, decide: (unit) => void unit.run(session, id, command) });
    };
    const now = (): string => ctx.clock.machine().toISOString();
    const putOff = (why: string, afterMs: number): Promise<void> => run({ type: 'PutOffRenewal', data: { channel: id, attempt, why: why.slice(0, 300).toWellFormed(), nextAt: new Date(Date.parse(now()) + afterMs).toISOString() } });
    // People have given it another token meanwhile: that one is looked at.
    if (shop === undefined || port === undefined || secrets.fingerprint('token', shop.token) !== state.fingerprint) return putOff('the channel has another token by now', 0);
    for (let failed = 0; ; ) {
      const answer = await port.renew(channelApi(ctx, shop, signal));
      if (answer.outcome === 'refused') return run({ type: 'RecordRefused', data: { channel: id, platform: shop.platform, attempt, why: answer.why.slice(0, 300).toWellFormed(), at: now() } });
      if (answer.outcome === 'done') {
        const at = now();
        const [token, fingerprint] = [secrets.sealSetting(id, 'token', answer.token), secrets.fingerprint('token', answer.token)];
        await kept(signal, () =>
          ctx.store.execute({
            streams: [[session, id], [channelStream, id]],
            meta,
            decide: (unit) => {
              const current = unit.state(channelStream, id)!;
              unit.run(session, id, { type: 'RecordRenewed', data: { channel: id, attempt, fingerprint, expiresAt: answer.expiresAt, at } });
              // Theirs is newer than what ours was made of.
              if (current.tokenFingerprint === state.fingerprint) unit.run(channelStream, id, { type: 'RenewToken', data: { token, tokenFingerprint: fingerprint, at: ctx.clock.business().toISOString() } });
            },
          }),
        );
        return channels.forget(id);
      }
      failed += 1;
      if (failed === tries || answer.afterMs > longestWaitMs) return putOff(answer.why, Math.max(putOffMs, answer.afterMs));
      await sleep(Math.max(answer.afterMs, 200 * 2 ** failed), undefined, { signal });
    }
  };
  return { concurrency: 2, perform: renew, resolve: renew };
};

/** What the platform has answered is nowhere but here: a database that is away is waited for. */
const kept = async (signal: AbortSignal, append: () => Promise<unknown>): Promise<void> => {
  for (let wait = 200; ; wait = Math.min(wait * 2, 5_000)) {
    try {
      return void (await append());
    } catch (error) {
      if (!passes(error)) throw error;
      await sleep(wait, undefined, { signal });
    }
  }
};
