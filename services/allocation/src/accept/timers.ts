import type { EventStore, Meta } from '@flotilla/event-store';
import { expireLock } from '../coordinate/participant.js';
import { lookAtNode, runSaga, type NodeLook, type Now } from '../coordinate/nodes.js';
import type { Look } from '../coordinate/timers.js';
import { allocation } from '../decide/allocation.decider.js';
import type { AllocationState } from '../decide/allocation.state.js';
import { freeze } from '../decide/freeze.decider.js';
import { node } from '../decide/node.decider.js';
import { lock } from '../decide/lock.decider.js';
import type { Snapshot } from '../decide/route.js';

interface Options {
  readonly store: EventStore;
  readonly folded: (foIds: readonly string[]) => Promise<readonly AllocationState[]>;
  readonly snapshot: (skus: readonly string[]) => Promise<Snapshot>;
  readonly now: Now;
  readonly business: () => string;
}

/** Another replica's clock may have set the timer: what is due for it is due. */
export const since = (at: string, dueAt: string): string => [at, dueAt].toSorted()[1]!;

/** A lease is due: the participant looks at it. */
export const fireLease =
  ({ store, at }: { readonly store: EventStore; readonly at: () => string }) =>
  async ({ dueAt, data }: { readonly dueAt: string; readonly data: unknown }, meta: Meta): Promise<void> => {
    const look = data as Look;
    if (look.kind === 'lease') await store.execute({ streams: [[lock, look.lockId]], meta, decide: (unit) => expireLock(unit, look.lockId, since(at(), dueAt)) });
  };

/** A timer is due: the lease is looked at by the participant, a node or a freeze by itself, everything else by the saga. */
export const fireTimer =
  ({ store, folded, snapshot, now, business }: Options) =>
  async ({ dueAt, data }: { readonly dueAt: string; readonly data: unknown }, meta: Meta): Promise<void> => {
    const look = data as Look | NodeLook;
    if (look.kind === 'node' || look.kind === 'day' || look.kind === 'freeze') {
      await store.execute({ streams: [look.kind === 'freeze' ? [freeze, look.sku] : [node, look.warehouse]], meta, decide: (unit) => lookAtNode(unit, look, since(business(), dueAt)) });
      return;
    }
    if (look.kind === 'lease') return fireLease({ store, at: () => now().at })({ dueAt, data }, meta);
    const { foId } = look;
    const lockId = look.kind === 'question' || look.kind === 'thought' ? look.lockId : '';
    const [saga] = await folded([foId]);
    const lines = saga?.request?.lines ?? [];
    const figures = lines.length > 0 ? await snapshot([...new Set(lines.map(({ sku }) => sku))]) : null;
    const { business: today, leaseMs, ...at } = now();
    await store.execute({
      streams: [[allocation, foId]],
      meta,
      decide: (unit) => void runSaga(unit, foId, { type: 'LookAgain', data: { foId, lockId, now: { ...at, at: look.kind === 'thought' ? at.at : since(at.at, dueAt), snapshot: figures } } }, { business: today, leaseMs }),
    });
  };
