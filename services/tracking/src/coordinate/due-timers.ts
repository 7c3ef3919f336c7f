import type { Recorded, TimerChange } from '@flotilla/event-store';
import { isFinal } from '../decide/milestones.js';
import { shipmentId } from '../decide/shipment.decider.js';
import type { NoticeEvent } from '../decide/notice.events.js';
import type { ShipmentEvent, Waybill } from '../decide/shipment.events.js';
import { firstLookMs } from '../decide/troubles.js';

const timer = (kind: 'due' | 'silence' | 'notice', id: string, dueAt: string | null): TimerChange => ({ key: `${kind}/${id}`, dueAt, clock: 'business', data: dueAt === null ? null : { id } });

const silence = (of: Waybill, from: string): TimerChange => timer('silence', shipmentId(of), new Date(Date.parse(from) + firstLookMs).toISOString());

/**
 * A parcel that left is looked at when it should be there, and whenever nobody has told anything new of it for a day; one that
 * arrived, or comes back, is not. A notice that was not written at night is written in the morning.
 */
export const dueTimers = (event: Recorded): readonly TimerChange[] => {
  const { type, data } = event as unknown as ShipmentEvent | NoticeEvent;
  switch (type) {
    case 'ShipmentDispatched':
      return data.over ? [] : [...(data.dueAt ? [timer('due', shipmentId(data), data.dueAt)] : []), silence(data, data.shippedAt)];
    case 'ScanRecorded':
      // What is no news ends no silence.
      return data.doubleOf !== undefined || data.late ? [] : [silence(data, data.receivedAt)];
    case 'SilenceNoted':
      return [timer('silence', shipmentId(data), data.nextAt)];
    case 'MilestoneReached':
      return isFinal(data.milestone) ? [timer('due', shipmentId(data), null), timer('silence', shipmentId(data), null)] : [];
    case 'ShipmentVoided':
      return [timer('silence', shipmentId(data), null)];
    case 'NoticePostponed':
      return [timer('notice', data.noticeId, data.until)];
    case 'NoticeDue':
      return [timer('notice', data.noticeId, null)];
    case 'DeliveryLate':
      return [timer('due', shipmentId(data), null)];
    default:
      return [];
  }
};
