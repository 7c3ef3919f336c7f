import { Refused } from '@flotilla/decider';
import { Conflict } from '@flotilla/event-store';
import { isTransient } from '@flotilla/messaging';

// Of Postgres: a statement or a transaction that took too long.
const tooLong = new Set<unknown>(['57014', '25P04']);

/** Whether an error passes by itself, so that all of the work is tried again. Any other is the fault of what was just handled: it would come again each time, and what stands behind it must not wait for that. */
export const passes = (error: unknown): boolean => isTransient(error) || raced(error) || (error instanceof Error && tooLong.has((error as { code?: unknown }).code));

/** Somebody else wrote at the same moment. */
export const raced = (error: unknown): boolean => error instanceof Conflict || (error instanceof Refused && error.reason === 'CONFLICT');
