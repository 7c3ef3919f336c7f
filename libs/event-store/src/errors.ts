import { Refused } from '@flotilla/decider';

/** Others kept changing the same streams: the task was decided four times and refused each time. Nothing is written. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
  constructor(readonly streams: readonly string[]) {
    super(`conflict on ${streams.join(', ')}: other writers were faster four times; try again`);
  }
}

/** Another owner moved the intake offset: stop, read it again, seek. Nothing is written. */
export class StaleOffset extends Error {
  override readonly name = 'StaleOffset';
}

/**
 * A task of an intake chunk threw `cause` while deciding (or was refused by the database for what it contains). Nothing of
 * this task or a later one is written; `next` is the offset at which the intake stands (`from`, unless the chunk was halved).
 */
export class TaskFailed extends Error {
  override readonly name = 'TaskFailed';
  constructor(
    readonly index: number,
    override readonly cause: unknown,
    readonly next: number,
  ) {
    super(`task ${index} of the intake chunk failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** The same request id came with another body. */
export class RequestIdReused extends Refused {
  constructor(caller: string, id: string) {
    super('REQUEST_ID_REUSED', `request id ${id} of ${caller} was used for another request; send a new id`, { caller, id });
  }
}

/** Events that are needed were archived: restore the partition (`npm run restore`), or the snapshot that covers them. */
export class EventsArchived extends Refused {
  constructor(stream: string, version: number) {
    super('EVENTS_ARCHIVED', `${stream} cannot be read from version ${version} on: its older events are in the archive; restore the partition that holds them`, { stream, version: String(version) });
  }
}

/** More waits than this process may keep in memory. Nothing was taken. */
export class Overloaded extends Refused {
  constructor(waiting: number) {
    super('OVERLOADED', `${waiting} commands wait to be written; try again later`, { waiting: String(waiting) });
  }
}
