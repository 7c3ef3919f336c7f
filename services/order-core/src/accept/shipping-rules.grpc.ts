import { order as contract } from '@flotilla/contracts';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { channelGiven, shippingRule } from '../decide/shipping-rule.decider.js';

/** What a merchant decides for the orders of a channel. */
export const shippingRulesService = (ctx: ServiceContext): Served =>
  serve(contract.ShippingRules, {
    put: async (request, call) => {
      const channel = channelGiven(request.channel);
      const { answer } = await ctx.store.execute(
        {
          streams: [[shippingRule, channel]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(shippingRule, channel, { type: 'PutShippingRule', data: { channel, partialShipments: request.partialShipments, at: ctx.clock.business().toISOString(), by: call.meta.actor } });
            return { channel, ...unit.state(shippingRule, channel) };
          },
        },
        call.request(request),
      );
      return answer;
    },
    get: async (request) => {
      const channel = channelGiven(request.channel);
      return { channel, ...(await ctx.store.folded(shippingRule, [channel])).get(channel)!.state };
    },
  });
