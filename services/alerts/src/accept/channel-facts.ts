import type { ingest } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { alarmStream, raise, silence } from '../coordinate/watching.js';
import { alarms } from '../decide/rules.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';

const session = ({ channel, time }: Pick<ingest.ChannelSessionRefused, 'channel' | 'time'>) => ({ rule: alarms.channelSession, subject: channel, time });

/** Facts of ingest that are alarms themselves: a shop whose platform does not let us in any more. */
export const channelFacts: ServiceConsumer['handlers'] = {
  'flotilla.ingest.v1.ChannelSessionRefused': {
    streams: ({ data }) => [alarmStream(session(data as ingest.ChannelSessionRefused)), [ruleset, RULESET]],
    handle: ({ data, time }, unit) => {
      const refused = data as ingest.ChannelSessionRefused;
      const { channel, platform, detail } = refused;
      const zh = `店铺 ${channel}（${platform}）的授权无法自动续期，到期后将收不到订单：请让卖家重新授权，并用 Channels/Renew 填入新的令牌（${detail}）`;
      const en = `the session of ${channel} (${platform}) cannot be renewed by itself, and its orders stop coming when it runs out: ${detail}`;
      raise(unit, session(refused), { zh, en }, time);
    },
  },
  'flotilla.ingest.v1.ChannelSessionRestored': {
    streams: ({ data }) => [alarmStream(session(data as ingest.ChannelSessionRestored))],
    handle: ({ data, time }, unit) => silence(unit, session(data as ingest.ChannelSessionRestored), time),
  },
};
