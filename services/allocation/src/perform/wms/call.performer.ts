import type { EventStore, Logger, Meta, Performed } from '@flotilla/event-store';
import type { Pool } from 'pg';
import { lookAgainAt, type WmsCallJob } from '../../coordinate/wms/jobs.js';
import { hear, streamsOfLock } from '../../coordinate/wms/participant.js';
import { settles, wmsLock, type WmsLock, type WmsLockCommand } from '../../decide/wms/lock.decider.js';
import type { Verb } from '../../decide/wms/lock.events.js';
import { withVictims } from '../../query/victims.js';
import type { WmsAnswer, WmsConnection, WmsPort } from './wms.js';

export interface Calling {
  readonly store: EventStore;
  readonly pool: Pick<Pool, 'query'>;
  /** The system of a warehouse; undefined if none is connected. */
  readonly system: (warehouse: string) => Pick<WmsConnection, 'port' | 'longestPauseMs'> | undefined;
  readonly now: () => Date;
  readonly leaseMs: number;
  /** Of one call, with the waiting for its turn. */
  readonly timeoutMs: number;
  /** How long after its timeout a call may still take effect there. */
  readonly graceMs: number;
  readonly log: Logger;
}

/**
 * Carries a question about a lock to its warehouse system, so that it has its effect once (ALC-09). CallBegun is in the stream
 * before the call goes out; after a crash at any moment the stream tells whether the system may have been called. Then it is
 * asked what the lock is, and called again only if it says, later than the call's deadline, that the call never arrived.
 */
export const carry = async (c: Calling, job: Performed, meta: Meta): Promise<void> => {
  const { lockId, call, ask } = job.payload as WmsCallJob;
  const { state, version } = (await c.store.folded(wmsLock, [lockId])).get(lockId) ?? { state: wmsLock.initial, version: 0 };
  if (state.call !== call || state.calling === '' || state.asks !== ask || !state.ask) return;
  const system = c.system(state.ask.warehouse);
  // The job comes back: a target that was forgotten in the settings must not lose a lock.
  if (!system) throw new Error(`locks wait for the warehouse system of ${state.ask.warehouse}, which is not in FLOTILLA_WMS_TARGETS`);
  if (state.calling !== 'OWED') return askThere(c, job, meta, system, state);
  const begun = await c.store.execute({
    streams: [[wmsLock, lockId]],
    meta,
    decide: (unit) => unit.version(wmsLock, lockId) === version && unit.run(wmsLock, lockId, { type: 'BeginCall', data: { call, deadline: deadline(c) } }).length > 0,
  });
  // Something came in between; what it leaves owed is looked at anew.
  return begun.answer ? put(c, job, meta, system, state) : carry(c, job, meta);
};

const deadline = ({ now, timeoutMs, graceMs }: Calling): string => new Date(now().getTime() + timeoutMs + graceMs).toISOString();
const within = ({ timeoutMs }: Calling, { signal }: Performed): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
const leaseEnd = ({ now, leaseMs }: Calling): string => new Date(now().getTime() + leaseMs).toISOString();

type System = NonNullable<ReturnType<Calling['system']>>;

const again = (c: Calling, { longestPauseMs }: System, { asks, asksBefore }: WmsLock): string => lookAgainAt(c.now(), asks - asksBefore, longestPauseMs);

const put = async (c: Calling, job: Performed, meta: Meta, system: System, state: WmsLock): Promise<void> => {
  const { call } = job.payload as WmsCallJob;
  const answer = await question(c, system.port, state, within(c, job));
  // A system that answers and has not done it: nobody knows what it will still do.
  const odd = answer.kind === 'is' && !settles(state.verb as Verb, answer.said.there);
  if (answer.kind === 'is' && !odd) return write(c, meta, state, { type: 'SettleCall', data: { call, said: answer.said, expiresAt: leaseEnd(c) } });
  const detail = answer.kind === 'is' ? `it answers that the lock is ${answer.said.there}` : answer.detail;
  c.log.warn({ lockId: state.ask!.lockId, verb: state.verb, detail }, 'the outcome of a call to a warehouse system is unknown; it will be asked');
  return write(c, meta, state, { type: 'LoseAnswer', data: { call, askAfter: again(c, system, state), detail: detail.slice(0, 300) } });
};

const question = (c: Calling, port: WmsPort, { ask, verb, fence, lines, reason, parcelId }: WmsLock, signal: AbortSignal): Promise<WmsAnswer> => {
  const { lockId, foId } = ask!;
  switch (verb) {
    case 'LOCK':
      // Twice the lease and a quarter of an hour: should this side be gone for good, nothing stays locked there.
      return port.lock({ lockId, foId, lines, keepUntil: new Date(c.now().getTime() + 2 * c.leaseMs + 900_000).toISOString() }, signal);
    case 'CONFIRM':
      return port.confirm(lockId, fence, signal);
    case 'RELEASE':
      return port.release(lockId, reason || 'EXPIRED', signal);
    case 'CONSUME':
      return port.consume(lockId, fence, parcelId, signal);
    default:
      throw new Error(`lock ${lockId} has no call to make`);
  }
};

const askThere = async (c: Calling, job: Performed, meta: Meta, system: System, state: WmsLock): Promise<void> => {
  const { lockId, call } = job.payload as WmsCallJob;
  const askedAt = c.now().toISOString();
  const answer = await system.port.ask(lockId, within(c, job));
  const askAfter = again(c, system, state);
  if (answer.kind === 'unclear') return write(c, meta, state, { type: 'LoseAnswer', data: { call, askAfter, detail: answer.detail.slice(0, 300) } });
  if (answer.kind === 'is' && settles(state.verb as Verb, answer.said.there)) return write(c, meta, state, { type: 'SettleCall', data: { call, said: answer.said, expiresAt: leaseEnd(c) } });
  const data = { call, said: answer.kind === 'is' ? answer.said : null, askedAt, deadline: deadline(c), askAfter };
  await write(c, meta, state, { type: 'NotArrived', data });
  const after = (await c.store.folded(wmsLock, [lockId])).get(lockId)!.state;
  if (after.call !== call || after.calling !== 'BEGUN' || after.deadline !== data.deadline) return;
  c.log.warn({ lockId, verb: state.verb }, 'a call to a warehouse system never arrived; it is made again');
  return put(c, job, meta, system, after);
};

const write = (c: Calling, meta: Meta, { ask, lines }: WmsLock, command: WmsLockCommand): Promise<void> => {
  const { lockId, warehouse } = ask!;
  return withVictims(c, streamsOfLock, async (victims, streams) => {
    await c.store.execute({ streams: [...streamsOfLock(lockId, warehouse, lines), ...streams], meta, decide: (unit) => hear(unit, lockId, command, victims) });
  });
};
