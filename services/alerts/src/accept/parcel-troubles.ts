import type { tracking } from '@flotilla/contracts';
import type { ServiceConsumer } from '@flotilla/service-kit';
import { alarmStream, raise, silence } from '../coordinate/watching.js';
import { alarms, type Alarm, type Words } from '../decide/rules.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';

// A parcel that nobody picks up is a clock of ours (shipped-not-picked-up): it is not raised twice.
const rules: Readonly<Record<string, { readonly rule: Alarm; readonly say: Words }>> = {
  STALLED: { rule: alarms.parcelStalled, say: { zh: '久无物流更新：请联系承运商核查', en: 'nobody has told anything of it for long: ask the carrier' } },
  CUSTOMS_HOLD: { rule: alarms.customsHold, say: { zh: '清关滞留：请核对报关资料', en: 'held by customs: check its papers' } },
  FAILED_ATTEMPT: { rule: alarms.attemptFailed, say: { zh: '派送未成功：请与买家确认', en: 'could not be delivered: ask the buyer' } },
  RETURNED: { rule: alarms.parcelReturned, say: { zh: '正在退回或已退回：请处理退件', en: 'on its way back, or back: take care of it' } },
  LOST: { rule: alarms.parcelLost, say: { zh: '承运商报告丢失：请补发或退款，并索赔', en: 'the carrier reports it lost: resend or refund, and claim' } },
  DAMAGED: { rule: alarms.parcelDamaged, say: { zh: '承运商报告破损：请补发或退款，并索赔', en: 'the carrier reports it damaged: resend or refund, and claim' } },
  OTHER: { rule: alarms.parcelProblem, say: { zh: '承运商报告异常：请查看物流详情', en: 'the carrier reports a problem: look at its scans' } },
};

const alarmOf = ({ trouble, parcelId, time }: Pick<tracking.TroubleEnded, 'trouble' | 'parcelId' | 'time'>) => {
  const known = rules[trouble];
  return known && { rule: known.rule, subject: parcelId, time };
};

// Said once per trouble, and over with it.
const chosen = ({ trouble, parcelId, time }: Pick<tracking.TroubleEnded, 'trouble' | 'parcelId' | 'time'>) => ({ rule: alarms.buyerChose, subject: parcelId, about: trouble, time });

const choices: Readonly<Record<string, Words>> = {
  FORWARD: { zh: '转寄到其他地址（新地址见 Shipments/Get）：请拦截改址', en: 'forward it to another address (Shipments/Get has it): intercept it' },
  KEEP: { zh: '留在网点自取：请告知承运商', en: 'leave it at the station: tell the carrier' },
  RETURN: { zh: '退回：请拦截退回', en: 'send it back: intercept it' },
};

/** What tracking recognises as wrong with a parcel is an alarm, and over when tracking says so. */
export const parcelTroubles: ServiceConsumer['handlers'] = {
  'flotilla.tracking.v1.ShipmentTroubled': {
    streams: ({ data }) => {
      const alarm = alarmOf(data as tracking.ShipmentTroubled);
      return alarm ? [alarmStream(alarm), [ruleset, RULESET]] : [[ruleset, RULESET]];
    },
    handle: ({ data, time }, unit) => {
      const troubled = data as tracking.ShipmentTroubled;
      const alarm = alarmOf(troubled);
      if (!alarm) return;
      const { zh, en } = rules[troubled.trouble]!.say;
      const of = `${troubled.carrier.toUpperCase()} ${troubled.waybill}`;
      const words = troubled.detail.slice(0, 200);
      raise(unit, { ...alarm, orders: troubled.orders }, { zh: `${of}：${zh}${words === '' ? '' : `（${words}）`}`, en: `${of}: ${en}${words === '' ? '' : ` (${words})`}` }, time);
    },
  },
  'flotilla.tracking.v1.TroubleEnded': {
    streams: ({ data }) => {
      const alarm = alarmOf(data as tracking.TroubleEnded);
      return [...(alarm ? [alarmStream(alarm)] : []), alarmStream(chosen(data as tracking.TroubleEnded))];
    },
    handle: ({ data, time }, unit) => {
      const alarm = alarmOf(data as tracking.TroubleEnded);
      if (alarm) silence(unit, alarm, time);
      silence(unit, chosen(data as tracking.TroubleEnded), time);
    },
  },
  'flotilla.tracking.v1.BuyerChose': {
    streams: ({ data }) => [alarmStream(chosen(data as tracking.BuyerChose)), [ruleset, RULESET]],
    handle: ({ data, time }, unit) => {
      const said = data as tracking.BuyerChose;
      const { zh, en } = choices[said.choice] ?? { zh: said.choice, en: said.choice };
      const of = `${said.carrier.toUpperCase()} ${said.waybill}`;
      raise(unit, { ...chosen(said), orders: said.orders }, { zh: `${of}：买家希望${zh}`, en: `${of}: the buyer wants you to ${en}` }, time);
    },
  },
};
