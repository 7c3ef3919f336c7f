import type { Recorded, TimerChange } from '@flotilla/event-store';
import type { ModelEvent } from '../decide/routing/model.decider.js';
import type { OutcomeEvent } from '../decide/routing/outcome.decider.js';

// A timer for every Monday: late news of an older week must not take the place of the next.
const TRAINING = 'train/router/';

/** Whether a timer trains the router. */
export const isTraining = (key: string): boolean => key.startsWith(TRAINING);

const DAY_MS = 86_400_000;

/** The Monday 03:00 UTC after an instant: the same for everything of a week, so setting it again changes nothing. */
export const mondayAfter = (at: string): string => {
  const time = Date.parse(at) - 3 * 3_600_000;
  const midnight = Math.floor(time / DAY_MS) * DAY_MS;
  const daysOn = (8 - new Date(midnight).getUTCDay()) % 7 || 7;
  return new Date(midnight + daysOn * DAY_MS + 3 * 3_600_000).toISOString();
};

/** Whether a training is due that was set for then; one that was done by hand a day ago is not repeated. */
export const isDue = (trainedAt: string, at: string): boolean => trainedAt === '' || Date.parse(at) - Date.parse(trainedAt) > DAY_MS;

/** The router is trained weekly (business time), from the first delivery on. */
export const trainingTimer = (event: Recorded): readonly TimerChange[] => {
  const { type, data } = event as unknown as ModelEvent | OutcomeEvent;
  const at = type === 'RouterTrained' ? data.trainedAt : type === 'ParcelArrived' ? data.deliveredAt : '';
  if (at === '' || Number.isNaN(Date.parse(at))) return [];
  const dueAt = mondayAfter(at);
  return [{ key: `${TRAINING}${dueAt.slice(0, 10)}`, dueAt, clock: 'business', data: { kind: 'training' } }];
};
