const problem = (description: string): object => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** OpenAPI 3.1 of this service's HTTP; a spec compares its paths with the routes. */
export const openapi = {
  openapi: '3.1.0',
  info: { title: 'Flotilla ingest', version: '1.0.0', description: 'What platforms push and connectors need. Everything else is gRPC: flotilla.ingest.v1.' },
  paths: {
    '/v1/channels/{channel}/webhooks': {
      post: {
        operationId: 'receiveWebhook',
        summary: 'A webhook of the channel’s platform, signed over its raw bytes',
        description:
          'Shopify: X-Shopify-Hmac-Sha256 (base64 of HMAC-SHA256 with the app’s secret), X-Shopify-Topic (orders/create, orders/updated, orders/paid, orders/cancelled, orders/edited, orders/fulfilled, refunds/create), X-Shopify-Webhook-Id (the same id again changes nothing). Answered with 200 after everything is stored. What cannot be understood is stored too, in quarantine, and says PARKED with its reason.',
        parameters: [{ name: 'channel', in: 'path', required: true, schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,59}$' } }],
        requestBody: { required: true, content: { 'application/json': { schema: {} } } },
        responses: {
          200: { description: 'Stored', content: { 'application/json': { schema: { $ref: '#/components/schemas/Stored' } } } },
          401: problem('The signature is missing or wrong'),
          404: problem('No such channel, or no adapter that takes webhooks for its platform'),
          413: problem('Above 1 MiB'),
        },
      },
    },
    '/v1/keys': {
      get: {
        operationId: 'connectorKeys',
        summary: 'JWKS: the public key to which connectors encrypt the personal part of an order (compact JWE, ECDH-ES with A256GCM)',
        responses: { 200: { description: 'JWKS', content: { 'application/json': { schema: { type: 'object', required: ['keys'], properties: { keys: { type: 'array', items: { type: 'object' } } } } } } } },
      },
    },
    '/openapi.json': { get: { operationId: 'description', summary: 'This document', responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: { type: 'object' } } } } } } },
  },
  components: {
    schemas: {
      Stored: {
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
      },
      Problem: {
        type: 'object',
        description: 'RFC 9457',
        required: ['type', 'title', 'status', 'code'],
        properties: { type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' }, code: { type: 'string' }, traceId: { type: 'string' } },
      },
    },
  },
} as const;
