import { defineService, publishAs } from '@flotilla/service-kit';
import { lifecycleEvents } from './accept/lifecycle-events.consumer.js';
import { stockFacts } from './accept/stock-facts.consumer.js';
import { look } from './coordinate/watching.js';
import { watch, watchId } from './decide/watch.decider.js';
import type { Watch, WatchEvent } from './decide/watch.events.js';
import { incidents, incidentTable } from './project/incidents.js';
import { incidentsGrpc } from './query/incidents.grpc.js';
import { tally } from './query/tally.js';

const timerKey = (of: Watch): string => `watch/${watchId(of)}`;

export const alerts = defineService({
  name: 'alerts',
  config: {},
  migrations: [incidentTable],
  build: (ctx) => ({
    consumers: [lifecycleEvents, stockFacts],
    timers: {
      changes: (event) => {
        const { type, data } = event as unknown as WatchEvent;
        switch (type) {
          case 'WatchBegun':
            return [{ key: timerKey(data), dueAt: data.dueAt, clock: 'business', data: { rule: data.rule, subject: data.subject } }];
          case 'WatchCalledOff':
          case 'WatchFired':
            return [{ key: timerKey(data), dueAt: null, clock: 'business', data: {} }];
          default:
            return [];
        }
      },
      fire: async ({ data }, meta) => {
        const { rule, subject } = data as Watch;
        const now = ctx.clock.business().toISOString();
        await ctx.store.execute({ streams: [[watch, watchId({ rule, subject })]], meta, decide: (unit) => look(unit, rule, subject, now) });
      },
    },
    publish: publishAs('flotilla.alerts.v1', (data) => String(data['subjectId'])),
    followers: [incidents],
    grpc: incidentsGrpc(ctx),
    tally: () => tally(ctx),
  }),
});
