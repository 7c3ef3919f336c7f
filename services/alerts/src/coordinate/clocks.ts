import type { Recorded, TimerChange } from '@flotilla/event-store';
import { bundleId, type BundleEvent } from '../decide/bundle.decider.js';
import type { DropEvent } from '../decide/drop.decider.js';
import type { HookQueueEvent } from '../decide/hook-queue.decider.js';
import type { IncidentEvent } from '../decide/incident.events.js';
import { deliverBy, type MessageEvent } from '../decide/message.decider.js';
import { DAILY, type ReportEvent } from '../decide/report.decider.js';
import type { SilencesEvent } from '../decide/silences.decider.js';
import { watchId } from '../decide/watch.decider.js';
import type { WatchEvent } from '../decide/watch.events.js';

/** What a timer of this service is about; its key is `<kind>/<id>`. */
export type Kind = 'watch' | 'incident' | 'silence' | 'bundle' | 'message' | 'delivery' | 'report' | 'hook' | 'drop';

/** The key of the next report's timer. */
export const REPORT_TIMER = `report/${DAILY}`;

const timer = (kind: Kind, clock: TimerChange['clock'], id: string, dueAt: string | null, data: object = { id }): TimerChange => ({ key: `${kind}/${id}`, dueAt, clock, data: dueAt === null ? null : data });

const orOff = (at: string): string | null => (at === '' ? null : at);

/**
 * Clocks that events begin and end: promises and answers of people run in business time, bursts and retries by the wall.
 */
export const clocks = (event: Recorded): readonly TimerChange[] => {
  const { type, data } = event as unknown as WatchEvent | IncidentEvent | BundleEvent | MessageEvent | ReportEvent | SilencesEvent | HookQueueEvent | DropEvent;
  switch (type) {
    case 'WatchBegun':
      return [timer('watch', 'business', watchId(data), data.dueAt, { rule: data.rule, subject: data.subject })];
    case 'WatchCalledOff':
    case 'WatchFired':
      return [timer('watch', 'business', watchId(data), null)];
    case 'IncidentRouted':
      return [timer('incident', 'business', data.incidentId, orOff(data.lookAt), { id: data.incidentId, silencedBy: data.silencedBy })];
    case 'IncidentEscalated':
    case 'IncidentAcknowledged':
    case 'IncidentCleared':
      return [timer('incident', 'business', data.incidentId, null)];
    case 'SilenceLifted':
      return [timer('silence', 'business', data.silenceId, data.at)];
    case 'ItemQueued':
      return [timer('bundle', 'machine', bundleId(data), data.dueAt)];
    case 'BundleClosed':
      return [timer('bundle', 'machine', bundleId(data), null)];
    case 'MessageRequested':
      return [timer('delivery', 'machine', data.messageId, deliverBy(data.requestedAt))];
    case 'MessageAttemptFailed':
      return data.retryAt === '' ? [] : [timer('message', 'machine', data.messageId, data.retryAt)];
    case 'MessageDue':
      return [timer('message', 'machine', data.messageId, null)];
    // One that was given up is missed as well.
    case 'MessageSettled':
      return [timer('message', 'machine', data.messageId, null), ...(data.outcome === 'ACCEPTED' ? [timer('delivery', 'machine', data.messageId, null)] : [])];
    case 'MessageMissed':
      return [timer('delivery', 'machine', data.messageId, null)];
    case 'DeliveryAttemptFailed':
      return [timer('hook', 'machine', data.queue, orOff(data.retryAt))];
    case 'DeliveryDue':
      return [timer('hook', 'machine', data.queue, null)];
    case 'LineAdded':
      return data.dueAt === '' ? [] : [timer('drop', 'machine', data.webhookId, data.dueAt)];
    case 'FileClosed':
      return [timer('drop', 'machine', data.webhookId, null)];
    case 'ReportScheduled':
      return [timer('report', 'business', DAILY, data.dueAt)];
    default:
      return [];
  }
};
