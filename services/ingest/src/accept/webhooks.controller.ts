import { createHash } from 'node:crypto';
import { reasons, type Reason } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { counter, Describe, json } from '@flotilla/service-kit';
import { Body, Controller, Headers, HttpCode, Param, Post, Res, type Type } from '@nestjs/common';
import { channelName } from './channel-name.js';
import type { Headers as Sent, Platform } from '../channels/platform.js';
import type { Ingest } from '../ingest.parts.js';
import { recording } from './deliveries.js';

const received = counter('flotilla_webhooks_total');

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
  send(body: unknown): unknown;
}

const nothing = Buffer.alloc(0);

const stored = json({
  type: 'object',
  required: ['orders'],
  properties: {
    orders: {
      type: 'array',
      items: {
        type: 'object',
        required: ['orderId', 'state', 'reason'],
        properties: { orderId: { type: 'string', format: 'uuid' }, state: { enum: ['PLACED', 'PARKED'] }, reason: { type: 'string', description: 'of the registry of reasons; "" if understood' } },
      },
    },
  },
});

/** `POST /v1/channels/{channel}/webhooks`: what a platform pushes, signed over its bytes. */
export const webhooksController = ({ ctx, channels, platforms, deliveries }: Ingest): Type => {
  @Controller('v1/channels')
  class WebhooksController {
    @Describe({
      id: 'receiveWebhook',
      summary: 'A webhook of the channel’s platform, signed over its raw bytes',
      description:
        'Shopify: X-Shopify-Hmac-Sha256 (base64 of HMAC-SHA256 with the app’s secret), X-Shopify-Topic (orders/create, orders/updated, orders/paid, orders/cancelled, orders/edited, orders/fulfilled, refunds/create), X-Shopify-Webhook-Id (the same id again changes nothing). WooCommerce: X-WC-Webhook-Signature (base64 of HMAC-SHA256 with the webhook’s secret), X-WC-Webhook-Topic, X-WC-Webhook-Delivery-ID; the ping that it sends first is greeted. A generic channel: header, digest, encoding and signed text as its mapping says (flotilla.ingest.v1.Mappings). Answered with 200 after everything is stored. What cannot be understood is stored too, in quarantine, and says PARKED with its reason.',
      params: { channel: channelName },
      body: { '*/*': {} },
      answers: { 200: ['Stored', stored], 401: 'The signature is missing or wrong', 404: 'No such channel, or no adapter that takes webhooks for its platform', 409: 'Something else changed the same order at the same moment; send it again' },
    })
    @Post(':channel/webhooks')
    @HttpCode(200)
    async receive(@Param('channel') id: string, @Headers() headers: Sent, @Body() sent: unknown, @Res() reply: Reply): Promise<void> {
      const channel = await channels.get(id);
      if (channel === undefined) throw new Refused('UNKNOWN_CHANNEL', `no channel "${id.slice(0, 60)}" is connected here`);
      const platform = platforms.get(channel.platform);
      const webhooks = platform?.webhooks ?? platform?.webhooksOf?.(channel.mapping);
      if (platform === undefined || webhooks === undefined) {
        problem(reply, 404, 'UNKNOWN_TOPIC', platform === undefined ? `channel ${id} is connected, but there is no adapter for ${channel.platform} yet` : noWebhooks(platform));
        return;
      }
      const body = Buffer.isBuffer(sent) ? sent : nothing;
      if (webhooks.greets?.(headers, body) === true) {
        received.inc({ platform: platform.name, outcome: 'greeting' });
        reply.status(200).header('content-type', 'application/json').send({ orders: [] });
        return;
      }
      if (!webhooks.verify(channel.secret, headers, body)) {
        // No trace but this figure: neither log nor event, since anybody can send anything.
        received.inc({ platform: platform.name, outcome: 'bad signature' });
        throw new Refused('BAD_SIGNATURE', 'the signature is missing or wrong');
      }
      const topic = webhooks.topic(headers);
      // Without an id of the platform's own, the same bytes about the same topic are the same delivery.
      const deliveryId = webhooks.deliveryId(headers) || createHash('sha256').update(`${topic}\n`).update(body).digest('hex');
      const [accepted = []] = await deliveries.accept([
        { channel: id, connected: channel, platform, deliveryId, source: 'WEBHOOK', topic, sentAt: webhooks.sentAt(headers), receivedAt: ctx.clock.business().toISOString(), body },
      ]);
      const { answer } = await ctx.store.execute(recording(accepted, ctx.meta({ actor: `channel:${id}`, causation: deliveryId })));
      for (const { state } of answer) received.inc({ platform: platform.name, outcome: state.toLowerCase() });
      reply.status(200).header('content-type', 'application/json').send({ orders: answer });
    }
  }
  return WebhooksController;
};

const noWebhooks = ({ title, webhooksOf }: Platform): string =>
  webhooksOf === undefined ? `${title} sends no webhooks; its orders come on the topic channel-orders.v1, or in files` : 'the channel’s mapping does not say yet how its webhooks are signed; put one with Mappings/Put';

const problem = (reply: Reply, status: number, code: Reason, detail: string): void => {
  reply.status(status).header('content-type', 'application/problem+json').send({ type: `urn:flotilla:reason:${code}`, title: reasons[code].en, status, detail, code });
};
