import type { Meta } from '@flotilla/event-store';
import type { NotTaken } from '@flotilla/notify';
import { counter, histogram, type ServiceContext, type ServicePerformer } from '@flotilla/service-kit';
import { settleTicket } from '../coordinate/ticketing.js';
import { message, type MessageCommand, type MessageEvent } from '../decide/message.decider.js';
import type { Targets } from './targets.js';
import { fits, toTold } from './told.js';

/** One attempt at a message. */
export interface Try {
  readonly messageId: string;
  readonly attempt: number;
}

const sent = counter('flotilla_alerts_messages_total');
const delay = histogram('flotilla_alerts_delivery_seconds');

/**
 * Tells one target. Each attempt is a job of its own, whose beginning and end stand in the message's stream: a crash between them is
 * an attempt of which nobody knows, and what follows is the decider's to say.
 */
export const messagePerformer = (ctx: ServiceContext, targets: Targets): ServicePerformer => {
  const now = (): string => ctx.clock.machine().toISOString();
  const run = async (messageId: string, command: MessageCommand, meta: Meta): Promise<readonly MessageEvent[]> => {
    const { answer } = await ctx.store.execute({
      streams: [[message, messageId]],
      meta,
      decide: (unit) => {
        const events = unit.run(message, messageId, command);
        for (const event of events) if (event.type === 'MessageSettled') settleTicket(unit, messageId, event.data.outcome, now());
        return events;
      },
    });
    return answer;
  };

  const fail = async ({ messageId, attempt }: Try, handed: Pick<NotTaken, 'certain' | 'final' | 'detail' | 'retryAfterMs'>, repeatable: boolean, channel: string, meta: Meta): Promise<void> => {
    const { certain, final, detail, retryAfterMs = 0 } = handed;
    const events = await run(messageId, { type: 'Fail', data: { attempt, at: now(), certain, final, detail, retryAfterMs, repeatable } }, meta);
    sent.inc({ channel, outcome: certain ? 'refused' : 'unknown' });
    const settled = events.find((event) => event.type === 'MessageSettled');
    if (settled?.type === 'MessageSettled') ctx.log.error({ messageId, target: settled.data.target, outcome: settled.data.outcome, detail }, 'a message to people was given up; somebody may not know of the incidents in it');
  };

  const perform: ServicePerformer['perform'] = async (job, meta) => {
    const one = job.payload as Try;
    const { messageId, attempt } = one;
    const begun = await run(messageId, { type: 'Attempt', data: { attempt, at: now() } }, meta);
    if (begun.length === 0) return;
    const { state } = (await ctx.store.folded(message, [messageId])).get(messageId)!;
    const asked = state.message!;
    const target = targets.all.get(asked.target);
    if (!target) return fail(one, { certain: true, final: true, detail: 'there is no such target any more' }, false, 'none', meta);
    const { name, repeatable } = target.manifest;
    if (!fits(asked, target.manifest)) return fail(one, { certain: true, final: true, detail: 'this target is of another kind now' }, repeatable, name, meta);
    const handed = await target.port.send(toTold(asked, state.refusals, target.language));
    if (!handed.accepted) return fail(one, handed, repeatable, name, meta);
    await run(messageId, { type: 'Accept', data: { attempt, at: now() } }, meta);
    sent.inc({ channel: name, outcome: 'accepted' });
    delay.observe({ channel: name }, (ctx.clock.machine().getTime() - Date.parse(asked.requestedAt)) / 1_000);
  };

  return {
    concurrency: 16,
    perform,
    // Begun and never reported: nobody knows. If it was not even begun, nothing was sent.
    resolve: async (job, meta) => {
      const one = job.payload as Try;
      const { state } = (await ctx.store.folded(message, [one.messageId])).get(one.messageId)!;
      const { name = 'none', repeatable = false } = targets.all.get(state.message?.target ?? '')?.manifest ?? {};
      if (state.status === 'trying') await fail(one, { certain: false, final: false, detail: 'the process ended while it was sent' }, repeatable, name, meta);
      else await perform(job, meta);
    },
  };
};
