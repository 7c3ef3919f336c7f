import { unreachable } from '@flotilla/decider';
import type { Meta, Unit } from '@flotilla/event-store';
import type { DueTimer } from '@flotilla/service-kit';
import { closeFile, filesOf } from '../coordinate/hooking.js';
import { closeBundle, missMessage } from '../coordinate/notifying.js';
import type { Kind } from '../coordinate/clocks.js';
import { makeReport, type Reported } from './reporting.js';
import { look } from '../coordinate/watching.js';
import { bundle } from '../decide/bundle.decider.js';
import { drop } from '../decide/drop.decider.js';
import { hookQueue } from '../decide/hook-queue.decider.js';
import { incident } from '../decide/incident.decider.js';
import { message } from '../decide/message.decider.js';
import { ruleset, RULESET } from '../decide/ruleset.decider.js';
import { watch, watchId } from '../decide/watch.decider.js';
import type { Watch } from '../decide/watch.events.js';
import { silencedBy } from '../query/silenced.js';

/** A timer is due: looks whether what it waited for still holds. */
export const fire = async (ctx: Reported, { key, dueAt, data }: DueTimer, meta: Meta): Promise<void> => {
  const kind = key.slice(0, key.indexOf('/')) as Kind;
  const { id } = data as { readonly id: string };
  // Another replica's clock may have set the timer: what is due for it is due.
  const at = (clock: Date): string => [clock.toISOString(), dueAt].toSorted()[1]!;
  const [business, machine] = [at(ctx.clock.business()), at(ctx.clock.machine())];
  const run = (streams: Parameters<typeof ctx.store.execute>[0]['streams'], decide: (unit: Unit) => unknown): Promise<unknown> => ctx.store.execute({ streams, meta, decide });
  switch (kind) {
    case 'watch': {
      const { rule, subject } = data as Watch;
      return void (await run([[watch, watchId({ rule, subject })], [ruleset, RULESET]], (unit) => look(unit, rule, subject, business)));
    }
    case 'incident':
      return void (await run([[incident, id]], (unit) => unit.run(incident, id, { type: 'Look', data: { now: business } })));
    case 'silence':
      for await (const incidents of silencedBy(ctx, id)) await Promise.all(incidents.map((one) => run([[incident, one]], (unit) => unit.run(incident, one, { type: 'Wake', data: { silenceId: id, now: business } }))));
      return;
    case 'bundle': {
      // Named beforehand: a unit may ask for a hundred streams that it does not name, and a burst has more incidents.
      const { items } = (await ctx.store.folded(bundle, [id])).get(id)!.state;
      const incidents = [...new Set(items.map(({ incidentId }) => incidentId))].map((incidentId) => [incident, incidentId] as const);
      return void (await run([[bundle, id], ...incidents], (unit) => closeBundle(unit, id, machine)));
    }
    case 'message':
      return void (await run([[message, id]], (unit) => unit.run(message, id, { type: 'Retry', data: { now: machine } })));
    case 'delivery': {
      const { items = [] } = (await ctx.store.folded(message, [id])).get(id)!.state.message ?? {};
      const incidents = [...new Set(items.map(({ incidentId }) => incidentId))].map((incidentId) => [incident, incidentId] as const);
      return void (await run([[message, id], ...incidents], (unit) => missMessage(unit, id, { business, machine })));
    }
    case 'hook':
      return void (await run([[hookQueue, id]], (unit) => unit.run(hookQueue, id, { type: 'Retry', data: { now: machine } })));
    case 'drop':
      return void (await run([[drop, id], [hookQueue, filesOf(id)]], (unit) => closeFile(unit, id, machine)));
    case 'report':
      return makeReport(ctx, business, meta);
    default:
      return unreachable(kind);
  }
};
