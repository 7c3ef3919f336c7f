import { createMailer } from '@flotilla/notify';
import { defineService, publishAs } from '@flotilla/service-kit';
import { z } from 'zod';
import { buyerSettingsGrpc } from './accept/buyer-settings.grpc.js';
import { orderSteps } from './accept/order-steps.consumer.js';
import { parcelEvents } from './accept/parcel-events.consumer.js';
import { RoutesController } from './accept/routes.controller.js';
import { recordByStaff } from './accept/staff-scans.js';
import { fire } from './accept/timers.js';
import { dueTimers } from './coordinate/due-timers.js';
import type { LookUpEvent } from './decide/look-up.decider.js';
import type { NoticeEvent } from './decide/notice.events.js';
import { toQuietHours } from './decide/quiet-hours.js';
import { noticePerformer } from './perform/notice.performer.js';
import { runPolling } from './perform/polling.js';
import { codePerformer } from './perform/code.performer.js';
import { createTexters, smsConfig } from './perform/texts.js';
import { feedback, feedbackTable } from './project/feedback.js';
import { notices, noticeTable } from './project/notices.js';
import { polls, pollSourceTable, pollTable, shipmentPhoneIndex, shipments, shipmentTable, shipmentTroubles } from './project/shipments.js';
import { feedbackGrpc } from './query/feedback.grpc.js';
import { AnswersController } from './query/page/answers.controller.js';
import { ConsentController } from './query/page/consent.controller.js';
import { linkToken } from './query/page/link.js';
import { LookUpController, ParcelPageController } from './query/page/page.controller.js';
import { PhoneLookUpController } from './query/page/phone.controller.js';
import { pickupCodeOf } from './query/pickup-code.js';
import { shipmentsGrpc } from './query/shipments.grpc.js';
import { tally } from './query/tally.js';
import { connected, followerOf } from './sources/connected.js';
import { sources } from './sources/registry.js';

const config = {
  FLOTILLA_LINK_KEY: z.string().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64').describe('signs the links to buyers’ pages'),
  FLOTILLA_PUBLIC_URL: z.string().url().optional().describe('where buyers reach this service; its own address where absent'),
  FLOTILLA_SMTP_URL: z.string().url().default('smtp://127.0.0.1:8111').describe('server that takes the notices'),
  FLOTILLA_QUIET_HOURS: z.string().refine((text) => toQuietHours(text) !== undefined, 'such as 22-8').optional().describe('hours in which buyers are not written to, by the clock of their country; none where absent'),
  ...smsConfig,
  FLOTILLA_MAIL_FROM: z.string().min(3).default('Flotilla <no-reply@flotilla.test>').describe('sender of the notices'),
};

export const tracking = defineService({
  name: 'tracking',
  config: { ...config, ...Object.assign({}, ...sources.map((source) => source.config)) } as typeof config,
  migrations: [shipmentTable, pollTable, noticeTable, pollSourceTable, shipmentPhoneIndex, feedbackTable, shipmentTroubles],
  build: (ctx) => {
    const key = Buffer.from(ctx.config.FLOTILLA_LINK_KEY, 'base64');
    const base = (ctx.config.FLOTILLA_PUBLIC_URL ?? `http://${ctx.config.FLOTILLA_HOST}:${ctx.config.FLOTILLA_HTTP_PORT}`).replace(/\/$/, '');
    const linkOf = (parcelId: string): string => (parcelId === '' ? `${base}/track` : `${base}/t/${linkToken(key, parcelId)}`);
    const stopLinkOf = (subject: string): string => `${base}/o/${linkToken(key, subject, 'consent')}`;
    const codeOf = pickupCodeOf(ctx.config);
    const texters = createTexters(ctx.config, ctx.outside('sms', { timeoutMs: 10_000, ratePerSecond: 50 }), () => ctx.clock.machine());
    const mailer = createMailer(ctx.config.FLOTILLA_SMTP_URL, ctx.config.FLOTILLA_MAIL_FROM);
    const known = connected(ctx); // half an account of a source stops the start, not the first push
    const polling = runPolling(ctx);
    return {
      consumers: [parcelEvents, orderSteps],
      controllers: [RoutesController, ParcelPageController, AnswersController, LookUpController, PhoneLookUpController, ConsentController],
      jobs: (event) => {
        const { type, data } = event as unknown as NoticeEvent | LookUpEvent;
        if (type === 'CodeAsked') return [{ kind: 'code', intent: data.lookUpId, payload: { index: data.index, lookUpId: data.lookUpId } }];
        if (type === 'NoticeRequested') return data.to === '' ? [] : [{ kind: 'notice', intent: data.noticeId, payload: data }];
        return type === 'NoticeDue' ? [{ kind: 'notice', intent: `${data.noticeId}#${data.at}`, payload: data }] : [];
      },
      performers: { notice: noticePerformer(ctx, { mailer, texter: texters?.notices, quiet: toQuietHours(ctx.config.FLOTILLA_QUIET_HOURS ?? ''), linkOf, stopLinkOf, codeOf }), code: codePerformer(ctx, mailer, texters?.codes) },
      publish: publishAs('flotilla.tracking.v1', (data) => String(data['foId'])),
      timers: { changes: dueTimers, fire: (timer, meta) => fire(ctx, timer, meta) },
      followers: [shipments, polls((carrier, country) => followerOf(known, carrier, country)), notices, feedback],
      grpc: [...shipmentsGrpc(ctx, linkOf, (request, call) => recordByStaff(ctx, request, call, codeOf)), buyerSettingsGrpc(ctx), feedbackGrpc(ctx)],
      tally: () => tally(ctx),
      stop: async () => {
        await polling.stop();
        mailer.close();
      },
    };
  },
});
