import type { Unit } from '@flotilla/event-store';
import { lag } from '../decide/lag.decider.js';
import { statusLate } from '../decide/rules.js';
import { ruleset, RULESET, settingOf } from '../decide/ruleset.decider.js';
import { raise, silence } from './watching.js';

// | the carrier's scans  | the incident is |
// | LagBegan             | raised          |
// | LagEnded             | cleared         |

/** A scan has come: `occurredAt` it was made, at `time` we knew of it. One whose time cannot be read says nothing of it. */
export const tellLag = (unit: Unit, carrier: string, occurredAt: string, time: string): void => {
  const minutes = (Date.parse(time) - Date.parse(occurredAt)) / 60_000;
  const setting = settingOf(unit.state(ruleset, RULESET), statusLate.id);
  if (carrier === '' || Number.isNaN(minutes) || !setting) return;
  const most = setting.minutes;
  for (const { type, data } of unit.run(lag, carrier, { type: 'Tell', data: { carrier, minutes, most, at: time } })) {
    const alarm = { rule: statusLate, subject: carrier, time: data.time };
    const name = carrier.toUpperCase();
    if (type === 'LagEnded') silence(unit, alarm, time);
    else raise(unit, alarm, { zh: `${name} 的状态在发生 ${data.minutes} 分钟后才更新（上限 ${most} 分钟）：请检查接口与轮询`, en: `a scan of ${name} reached us ${data.minutes} minutes after it was made (${most} at most): check its interface and polling` }, time);
  }
};
