import { tracking } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { repeatable, serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { BUYERS, buyerSettings, settingsOf } from '../decide/buyer-settings.decider.js';

/** Put whole, looked at version by version. */
export const buyerSettingsGrpc = (ctx: ServiceContext): Served =>
  serve(tracking.BuyerSettings, {
    put: async (request, call) => {
      const { notices, embedIn, provenance, warehouseNames } = request;
      const { answer } = await ctx.store.execute(
        {
          streams: [[buyerSettings, BUYERS]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(buyerSettings, BUYERS, { type: 'PutBuyerSettings', data: { notices, embedIn, provenance, warehouseNames, at: ctx.clock.business().toISOString(), by: call.caller } });
            return settingsOf(unit.state(buyerSettings, BUYERS))!;
          },
        },
        repeatable(call, request),
      );
      return answer;
    },
    get: async ({ version }) => {
      const versions = (await ctx.store.folded(buyerSettings, [BUYERS])).get(BUYERS)!.state;
      const found = settingsOf(versions, version);
      if (!found) throw new Refused('NOT_FOUND', `no version ${version} of the settings is kept; the newest is ${versions[0]?.version ?? 0}`);
      return found;
    },
  });
