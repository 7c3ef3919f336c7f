import { alerts as api } from '@flotilla/contracts';
import { repeatable, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { uuidv5 } from '@flotilla/values';
import { policyIn } from '../coordinate/notifying.js';
import { policy, POLICY } from '../decide/policy.decider.js';
import { holding, silences, SILENCES } from '../decide/silences.decider.js';
import type { Targets } from '../perform/targets.js';
import { listMessages } from '../query/messages.js';

const namespace = '3f6a2c86-6d7e-4f5a-9b7c-2f2d0c8f5b31';

/** Who is told, and what nobody is told of. */
export const noticesGrpc = (ctx: ServiceContext, targets: Targets): readonly Served[] => {
  const { store, clock } = ctx;
  const connected = [...targets.all.keys()];
  const now = (): string => clock.business().toISOString();
  const silencesNow = async (): Promise<readonly api.Silence[]> => holding((await store.folded(silences, [SILENCES])).get(SILENCES)!.state, now());

  return [
    serve(api.Notices, {
      putPolicy: async (request, call) => {
        const data = { policy: request.policy, connected, at: now(), by: call.caller };
        const { answer } = await store.execute(
          {
            streams: [[policy, POLICY]],
            meta: call.meta,
            decide: (unit) => {
              unit.run(policy, POLICY, { type: 'PutPolicy', data });
              return policyIn(unit, targets.policy);
            },
          },
          repeatable(call, request),
        );
        return answer;
      },
      getPolicy: async () => (await store.folded(policy, [POLICY])).get(POLICY)?.state ?? { version: 0, policy: targets.policy, putAt: '', putBy: '' },
      listTargets: async () => ({ targets: [...targets.all.values()].map(({ name, manifest, language }) => ({ name, channel: manifest.name, language })) }),
      listMessages: (request) => listMessages(ctx, request),
    }),
    serve(api.Silences, {
      add: async (request, call) => {
        const { rule, subjectId, until, reason } = request;
        const silenceId = uuidv5(namespace, `${call.caller}/${request.requestId}`);
        const { answer } = await store.execute(
          {
            streams: [[silences, SILENCES]],
            meta: call.meta,
            decide: (unit) => {
              unit.run(silences, SILENCES, { type: 'Add', data: { silenceId, rule, subjectId, until, reason, by: call.caller, now: now() } });
              return unit.state(silences, SILENCES).all.find((one) => one.silenceId === silenceId)!;
            },
          },
          repeatable(call, request),
        );
        return answer;
      },
      lift: async (request, call) => {
        const { answer } = await store.execute(
          {
            streams: [[silences, SILENCES]],
            meta: call.meta,
            decide: (unit) => {
              const lifted = unit.state(silences, SILENCES).all.find((one) => one.silenceId === request.silenceId);
              unit.run(silences, SILENCES, { type: 'Lift', data: { silenceId: request.silenceId, by: call.caller, now: now() } });
              return lifted!;
            },
          },
          repeatable(call, request),
        );
        return answer;
      },
      list: async () => ({ silences: await silencesNow() }),
    }),
  ];
};
