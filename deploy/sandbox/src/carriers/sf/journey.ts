import { createRandom } from '../../random.js';

/** One scan of a parcel, at an offset from its handover in business time. */
export interface Scan {
  /** Ascending in the order in which the carrier recorded them, also within one second. */
  sequence: number;
  afterMs: number;
  opCode: string;
  place: string;
  remark: string;
  first: string;
  secondary: string;
  /** How its push goes; `withheld` is only found by asking. */
  push: 'once' | 'twice' | 'late' | 'withheld';
}

export interface JourneyPlan {
  kind: 'smooth' | 'failed-attempt' | 'locker';
  scans: Scan[];
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How a parcel will travel: decided by its waybill, so that it can be told again. */
export function planJourney(parcel: { waybill: string; from: string; to: string; abroad: boolean }): JourneyPlan {
  const random = createRandom(`journey/${parcel.waybill}`);
  const drawn = random.next();
  const kind = drawn < 0.05 ? 'failed-attempt' : drawn < 0.08 ? 'locker' : 'smooth';
  const end = (parcel.abroad ? 2 : 1) * DAY + Math.floor(random.next() * (parcel.abroad ? 1 : 2) * DAY);
  const scans: Omit<Scan, 'sequence' | 'push'>[] = [];
  const add = (afterMs: number, opCode: string, place: string, remark: string, first: string, secondary: string): void =>
    void scans.push({ afterMs: Math.floor(afterMs / 1_000) * 1_000, opCode, place, remark, first, secondary });
  const [from, to] = [parcel.from, parcel.to];
  add(2 * HOUR, '50', from, '顺丰速运 已收取快件', '1', '101');
  // Two scans within one second: arrival is recorded before the departure that preceded it.
  const same = random.chance(0.25);
  add(4 * HOUR, same ? '31' : '30', from, same ? `快件到达 【${from}转运中心】` : `快件在【${from}】完成分拣,准备发往 【${to}转运中心】`, '2', '201');
  add(same ? 4 * HOUR : 5 * HOUR, same ? '30' : '36', random.chance(0.15) ? '' : from, same ? `快件在【${from}】完成分拣,准备发往 【${to}转运中心】` : '快件在运输途中', '2', '201');
  if (parcel.abroad) {
    add(end * 0.45, '106', from, '快件清关中', '2', '204');
    add(end * 0.6, '105', to, '快件已清关', '2', '205');
  }
  add(end * 0.7, '31', random.chance(0.1) ? '' : to, `快件到达 【${to}转运中心】`, '2', '201');
  add(end - 5 * HOUR, random.chance(0.5) ? '204' : '44', to, '快件交给快递员,正在派送途中(联系电话:950***8)', '3', '301');
  if (kind === 'failed-attempt') {
    add(end - 3 * HOUR, '70', to, '快件派送不成功(原因:收方客户不在),正在处理中,待再次派送', '3', '302');
    add(end + 18 * HOUR, '204', to, '快件交给快递员,正在派送途中(联系电话:950***8)', '3', '301');
    add(end + 21 * HOUR, '80', to, '已签收,感谢使用顺丰,期待再次为您服务', '4', '401');
  } else if (kind === 'locker') {
    add(end, '80', to, '快件已派送至【丰巢自助柜】,请及时取件', '3', '303');
    add(end + 6 * HOUR, '80', to, '已签收,感谢使用顺丰,期待再次为您服务', '4', '401');
  } else {
    add(end, '80', to, '已签收,感谢使用顺丰,期待再次为您服务', '4', '401');
  }
  return {
    kind,
    scans: scans.map((scan, index) => {
      const push = random.next();
      return { ...scan, sequence: index + 1, push: push < 0.06 ? 'withheld' : push < 0.11 ? 'twice' : push < 0.16 ? 'late' : 'once' };
    }),
  };
}
