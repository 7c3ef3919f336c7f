import { defineService, publishAs } from '@flotilla/service-kit';
import { routing } from './accept/incident-events.follower.js';
import { lifecycleEvents } from './accept/lifecycle-events.consumer.js';
import { noticesGrpc } from './accept/notices.grpc.js';
import { rulesGrpc } from './accept/rules.grpc.js';
import { stockFacts } from './accept/stock-facts.consumer.js';
import { fire } from './accept/timers.js';
import { webhookEvents } from './accept/webhook-events.consumer.js';
import { webhookLines } from './accept/webhook-lines.follower.js';
import { webhooksGrpc } from './accept/webhooks.grpc.js';
import { clocks } from './coordinate/clocks.js';
import { reportConfig, scheduleReport, watchTimer } from './accept/reporting.js';
import type { HookQueueEvent } from './decide/hook-queue.decider.js';
import { incident } from './decide/incident.decider.js';
import type { MessageEvent } from './decide/message.decider.js';
import type { ReportEvent } from './decide/report.decider.js';
import { messagePerformer, type Try } from './perform/message.performer.js';
import { reportPerformer } from './perform/report.performer.js';
import { connectTargets, targetConfig } from './perform/targets.js';
import { connectWebhooks, webhookConfig } from './perform/webhooks/connect.js';
import { webhookPerformer } from './perform/webhooks/webhook.performer.js';
import { counts, countTable } from './project/counts.js';
import { incidents, incidentTable, incidentTimesTable, incidentWordsTable } from './project/incidents.js';
import { messages, messageTable } from './project/messages.js';
import { reports, reportTable } from './project/reports.js';
import { webhookDeliveries, webhookDeliveryTable } from './project/webhook-deliveries.js';
import { incidentsGrpc } from './query/incidents.grpc.js';
import { reportsGrpc } from './query/reports.grpc.js';
import { silencedIndex } from './query/silenced.js';
import { tally } from './query/tally.js';

export const alerts = defineService({
  name: 'alerts',
  config: { ...targetConfig, ...reportConfig, ...webhookConfig },
  migrations: [incidentTable, incidentWordsTable, messageTable, incidentTimesTable, reportTable, silencedIndex, countTable, webhookDeliveryTable],
  deciders: [incident],
  build: (ctx) => {
    const targets = connectTargets(ctx);
    const attempt = (of: Try) => [{ kind: 'message', intent: `${of.messageId}#${of.attempt}`, payload: of }];
    const watched = watchTimer(ctx);
    const hooks = connectWebhooks(ctx);
    const readers = [...targets.all.values()].filter(({ port }) => port.post).map(({ name }) => name);
    return {
      begin: () => scheduleReport(ctx),
      consumers: [lifecycleEvents, stockFacts, webhookEvents(ctx)],
      timers: { changes: clocks, fire: (timer, meta) => fire(ctx, timer, meta) },
      jobs: (event) => {
        const { type, data } = event as unknown as MessageEvent | ReportEvent | HookQueueEvent;
        if (type === 'ReportMade') return readers.map((target) => ({ kind: 'report', intent: `${data.day}/${target}`, payload: { day: data.day, target } }));
        if (type === 'DeliveryDue') return [{ kind: 'webhook', intent: `${data.deliveryId}.${data.round}#${data.attempt}`, payload: data }];
        if (type === 'MessageRequested') return attempt({ messageId: data.messageId, attempt: 1 });
        return type === 'MessageDue' ? attempt(data) : [];
      },
      performers: { message: messagePerformer(ctx, targets), report: reportPerformer(ctx, targets), webhook: webhookPerformer(ctx, hooks) },
      publish: publishAs('flotilla.alerts.v1', (data) => String(data['subjectId'])),
      followers: [routing(ctx, targets), incidents, messages, reports, webhookLines(ctx), webhookDeliveries, counts(ctx.config.FLOTILLA_REPORT_ZONE)],
      grpc: [...incidentsGrpc(ctx), ...noticesGrpc(ctx, targets), rulesGrpc(ctx), reportsGrpc(ctx), webhooksGrpc(ctx, hooks)],
      tally: () => tally(ctx),
      stop: async () => {
        await watched.stop();
        await hooks.guard.close();
        targets.close();
      },
    };
  },
});
