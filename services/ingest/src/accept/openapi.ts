const problem = (description: string): object => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const channelParameter = { name: 'channel', in: 'path', required: true, schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9-]{0,59}$' } } as const;

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
          'Shopify: X-Shopify-Hmac-Sha256 (base64 of HMAC-SHA256 with the app’s secret), X-Shopify-Topic (orders/create, orders/updated, orders/paid, orders/cancelled, orders/edited, orders/fulfilled, refunds/create), X-Shopify-Webhook-Id (the same id again changes nothing). A generic channel: header, digest, encoding and signed text as its mapping says (flotilla.ingest.v1.Mappings). Answered with 200 after everything is stored. What cannot be understood is stored too, in quarantine, and says PARKED with its reason.',
        parameters: [channelParameter],
        requestBody: { required: true, content: { 'application/json': { schema: {} } } },
        responses: {
          200: { description: 'Stored', content: { 'application/json': { schema: { $ref: '#/components/schemas/Stored' } } } },
          401: problem('The signature is missing or wrong'),
          404: problem('No such channel, or no adapter that takes webhooks for its platform'),
          413: problem('Above 1 MiB'),
        },
      },
    },
    '/v1/channels/{channel}/orders:import': {
      post: {
        operationId: 'importOrders',
        summary: 'A file with orders, CSV or XLSX, as it is',
        description:
          'CSV: UTF-8 with or without a mark, UTF-16 with one, GBK; "," ";" or a tab between cells. XLSX: the first sheet. A row is a line; the rows of one order stand together. At most 64 MiB and 200,000 rows. Answered when it is stored; rows are taken after that: flotilla.ingest.v1.Imports shows progress and what became of each. The same file again is the same import, and an order that is known already is taken once.',
        security: [{ channelSecret: [] }],
        parameters: [channelParameter],
        requestBody: { required: true, content: { 'text/csv': { schema: {} }, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': { schema: {} } } },
        responses: {
          200: { description: 'The same file was uploaded before', content: { 'application/json': { schema: { $ref: '#/components/schemas/Import' } } } },
          202: { description: 'Stored', content: { 'application/json': { schema: { $ref: '#/components/schemas/Import' } } } },
          400: problem('Neither CSV nor XLSX, or empty'),
          401: problem('The channel’s secret is missing or wrong'),
          413: problem('Above 64 MiB'),
        },
      },
    },
    '/v1/channels/{channel}/orders:template': {
      get: {
        operationId: 'orderTemplate',
        summary: 'A CSV with the columns that the channel’s files have, by its mapping',
        security: [{ channelSecret: [] }],
        parameters: [channelParameter],
        responses: { 200: { description: 'CSV', content: { 'text/csv': { schema: {} } } }, 401: problem('The channel’s secret is missing or wrong') },
      },
    },
    '/v1/channels/{channel}/imports/{import}/report.csv': {
      get: {
        operationId: 'importReport',
        summary: 'What became of each row of a file, as CSV',
        security: [{ channelSecret: [] }],
        parameters: [channelParameter, { name: 'import', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
        responses: { 200: { description: 'CSV', content: { 'text/csv': { schema: {} } } }, 401: problem('The channel’s secret is missing or wrong'), 404: problem('The channel has no such import') },
      },
    },
    '/v1/channels/{channel}/addresses:complete': {
      post: {
        operationId: 'completeAddress',
        summary: 'What a partial address says, how it may go on, and what is wrong with it: for a shop’s checkout',
        description:
          'Fields as the buyer has typed them so far, or all of it in street. Answered with province, city and district by their standard names, a confidence in percent for each, up to 20 divisions with which it may go on (China), and flags in Chinese and English. Nothing is kept. To be called by the shop’s server, which holds the secret; 600 times a minute at most.',
        security: [{ channelSecret: [] }],
        parameters: [channelParameter],
        requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/PartialAddress' } } } },
        responses: {
          200: { description: 'What was understood', content: { 'application/json': { schema: { $ref: '#/components/schemas/CompletedAddress' } } } },
          400: problem('No JSON, a field that is too long or unknown, or a country that is none'),
          401: problem('The channel’s secret is missing or wrong'),
          413: problem('Above 8 KiB'),
          429: problem('Asked more than 600 times within a minute'),
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
    securitySchemes: { channelSecret: { type: 'http', scheme: 'bearer', description: 'the channel’s secret, as it was connected with' } },
    schemas: {
      PartialAddress: {
        type: 'object',
        additionalProperties: false,
        properties: {
          country: { type: 'string', maxLength: 60, default: 'CN', description: 'ISO 3166-1, or a name' }, province: { type: 'string', maxLength: 100 }, city: { type: 'string', maxLength: 100 }, district: { type: 'string', maxLength: 100 },
          postcode: { type: 'string', maxLength: 20 }, street: { type: 'string', maxLength: 400, description: 'what is left, or the whole address' }, phone: { type: 'string', maxLength: 40 },
        },
      },
      CompletedAddress: {
        type: 'object',
        required: ['address', 'suggestions', 'flags'],
        properties: {
          address: { type: 'object', description: 'flotilla.ingest.v1.AddressCheck' },
          suggestions: { type: 'array', maxItems: 20, items: { type: 'object', required: ['province', 'city', 'district', 'code'], properties: { province: { type: 'string' }, city: { type: 'string' }, district: { type: 'string' }, code: { type: 'string', description: 'GB/T 2260' } } } },
          flags: { type: 'array', items: { type: 'object', required: ['flag', 'zh', 'en'], properties: { flag: { type: 'string' }, zh: { type: 'string' }, en: { type: 'string' } } } },
        },
      },
      Import: { type: 'object', required: ['id', 'state'], properties: { id: { type: 'string', format: 'uuid' }, state: { enum: ['RUNNING', 'DONE', 'REFUSED'] } } },
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
