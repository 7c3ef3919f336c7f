import type { ingest } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { alarmStream, raise, silence } from '../coordinate/watching.js';
import { alarms } from '../decide/rules.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';

const session = ({ channel, time }: Pick<ingest.ChannelSessionRefused, 'channel' | 'time'>) => ({ rule: alarms.channelSession, subject: channel, time });

const late = ({ orderId, time }: Pick<ingest.ChannelShipByNear, 'orderId' | 'time'>) => ({ rule: alarms.shipByNear, subject: orderId, time });
// An outcome is final: each shipment fails once, and a cancellation does.
const untold = ({ orderId, parcelId }: Pick<ingest.WriteBackFailed, 'orderId' | 'parcelId'>) => ({ rule: alarms.writeBackFailed, subject: orderId, about: parcelId, time: 1 });
const uncancelled = ({ orderId }: Pick<ingest.ChannelCancellationRefused, 'orderId'>) => ({ rule: alarms.cancellationRefused, subject: orderId, time: 1 });

/** Facts of ingest that are alarms themselves: a shop whose platform does not let us in any more, a deadline of a platform's that is near, what a platform does not take. */
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
  'flotilla.ingest.v1.ChannelShipByNear': {
    streams: ({ data }) => [alarmStream(late(data as ingest.ChannelShipByNear)), [ruleset, RULESET]],
    handle: ({ data, time }, unit) => {
      const near = data as ingest.ChannelShipByNear;
      const { channel, platform, channelOrderId, shipBy } = near;
      raise(unit, { ...late(near), orders: [near] }, { zh: `店铺 ${channel}（${platform}）的订单 ${channelOrderId} 须在 ${shipBy} 前发货，时限已过八成：请尽快发货`, en: `order ${channelOrderId} of ${channel} (${platform}) must be shipped by ${shipBy}, and four fifths of that time are over: ship it` }, time);
    },
  },
  'flotilla.ingest.v1.ChannelShipByOver': {
    streams: ({ data }) => [alarmStream(late(data as ingest.ChannelShipByOver))],
    handle: ({ data, time }, unit) => silence(unit, late(data as ingest.ChannelShipByOver), time),
  },
  'flotilla.ingest.v1.WriteBackFailed': {
    streams: ({ data }) => [alarmStream(untold(data as ingest.WriteBackFailed)), [ruleset, RULESET]],
    handle: ({ data, time }, unit) => {
      const failed = data as ingest.WriteBackFailed;
      const { channel, channelOrderId, reason, detail } = failed;
      raise(unit, { ...untold(failed), orders: [failed] }, { zh: `订单 ${channelOrderId} 的发货信息未能回传到店铺 ${channel}（${reason}：${detail}）：请在平台后台填写运单号`, en: `the shipment of order ${channelOrderId} was not taken by ${channel} (${reason}: ${detail}): enter its number on the platform` }, time);
    },
  },
  'flotilla.ingest.v1.ChannelCancellationRefused': {
    streams: ({ data }) => [alarmStream(uncancelled(data as ingest.ChannelCancellationRefused)), [ruleset, RULESET]],
    handle: ({ data, time }, unit) => {
      const refused = data as ingest.ChannelCancellationRefused;
      const { channel, channelOrderId, reason, detail } = refused;
      raise(unit, { ...uncancelled(refused), orders: [refused] }, { zh: `订单 ${channelOrderId} 已取消，店铺 ${channel} 不接受取消（${reason}：${detail}）：请在平台后台关闭订单或联系买家`, en: `order ${channelOrderId} is cancelled and ${channel} does not take that (${reason}: ${detail}): end it on the platform, or ask the buyer` }, time);
    },
  },
};
