import type { Executed, Meta, Request } from '@flotilla/event-store';
import type { ServiceContext } from '@flotilla/service-kit';
import { isDue } from '../coordinate/training.js';
import { train, type Model } from '../decide/routing/learn.js';
import { MODEL, model } from '../decide/routing/model.decider.js';
import { samples } from '../query/routing.query.js';

type Context = Pick<ServiceContext, 'store' | 'pool' | 'clock'>;

/** Learns from the shipments so far, and records what came of it: also when it cannot be used. */
export const trainRouter = async ({ store, pool, clock }: Context, meta: Meta, request?: Request): Promise<Executed<Model>> => {
  const at = clock.business().toISOString();
  const trained = train(await samples(store, pool, at));
  return store.execute(
    {
      streams: [[model, MODEL]],
      meta,
      decide: (unit) => {
        unit.run(model, MODEL, { type: 'TakeModel', data: { ...trained, at } });
        return unit.state(model, MODEL)!;
      },
    },
    request,
  );
};

/** What a timer does: trains, unless that was done within the last day. Timers of several weeks that are due together train once. */
export const weeklyTraining = (context: Context): ((meta: Meta) => Promise<void>) => {
  const { store, clock } = context;
  let running: Promise<void> | undefined;
  const once = async (meta: Meta): Promise<void> => {
    const trained = (await store.folded(model, [MODEL])).get(MODEL)!.state;
    if (isDue(trained?.trainedAt ?? '', clock.business().toISOString())) await trainRouter(context, meta);
  };
  return (meta) =>
    (running ??= once(meta).finally(() => {
      running = undefined;
    }));
};
