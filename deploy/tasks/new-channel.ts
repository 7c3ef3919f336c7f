// Writes what a new channel's platform consists of, so that the conformance suite runs over it and says what is still to be written.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stop } from './ending.ts';
import { camel, inserting, isAdapterName, writeInto, type Written } from './generator.ts';
import { root } from './paths.ts';

const service = 'services/ingest';
const channels = `${service}/src/channels`;
const registry = `${channels}/registry.ts`;
const examples = `${service}/spec/channel-examples.ts`;
const guide = 'docs/channels.md';
const usage = 'npm run new:channel -- <name>';
const inserted = inserting(guide);

/** `npm run new:channel`: the folder of a platform that sends its orders and is asked for them. */
export function newChannel(args: readonly string[]): Promise<number> {
  const written = writeChannel(root, args);
  console.log(`${written.map((file) => `  ${file}`).join('\n')}\n\nWhat is missing says TO BE WRITTEN; so does the suite: npm run test:unit -- ${channels}\nHow: ${guide}`);
  return Promise.resolve(0);
}

/** Writes into a checkout; the answer is the files that are new or changed. Nothing is written if anything is wrong. */
export function writeChannel(checkout: string, args: readonly string[]): readonly string[] {
  const [name = ''] = args;
  if (args.length > 1 || !isAdapterName(name)) throw new Stop(`"${args.join(' ')}" is no platform's name: small letters, digits and hyphens, at most 32. ${usage}`);
  const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');
  const known = read(registry);
  // An alias is taken, too: a channel may name its platform by it.
  if (existsSync(join(checkout, channels, name)) || new RegExp(`[{ ]'?${name}'?: '`).test(/aliases[^]*?\};/.exec(known)?.[0] ?? '')) throw new Stop(`There is a platform ${name} already.`);
  return writeInto(checkout, folder(name, known, read(examples)));
}

function folder(name: string, known: string, played: string): Written {
  const id = camel(name);
  const at = `${channels}/${name}`;
  return [
    [`${at}/manifest.ts`, manifest(name, id)],
    [`${at}/signature.ts`, signature(name)],
    [`${at}/delivery.ts`, delivery],
    [`${at}/order.ts`, order],
    [`${at}/api.ts`, api(name)],
    [`${at}/orders.ts`, orders(name)],
    [`${at}/write-back.ts`, writeBack(name)],
    [`${at}/fixtures/order.json`, '{ "TO BE WRITTEN": "an order in the platform’s shape, as its documents show it, of a person who does not exist" }\n'],
    [`${at}/README.md`, readme(name)],
    [registry, inserted(inserted(known, registry, "import type { Platform } from './platform.js';\n", `import { ${id} } from './${name}/manifest.js';\n`), registry, ', connector(openPersonal)', `, ${id}`)],
    [examples, inserted(played, examples, '  connector: {\n', example(name))],
  ];
}

const manifest = (name: string, id: string): string => `import type { Platform } from '../platform.js';
import { readDelivery } from './delivery.js';
import { orders } from './orders.js';
import { webhooks } from './signature.js';
import { writeBack } from './write-back.js';

/** TO BE WRITTEN: what it sends, what it is asked for and what it is told; a port that it does not have goes, with its file. */
export const ${id}: Platform = { name: '${name}', title: '${name}', read: readDelivery, webhooks, orders, writeBack };
`;

const signature = (name: string): string => `import { createHmac, timingSafeEqual } from 'node:crypto';
import { secretKey } from '@flotilla/values';
import type { Headers, WebhookPort } from '../platform.js';

/** TO BE WRITTEN: the header, the digest, its encoding and what is signed. */
export const webhooks: WebhookPort = {
  verify: (secret, headers, body) => {
    const given = Buffer.from(one(headers, 'x-${name}-signature'), 'base64');
    const expected = createHmac('sha256', secretKey(secret)).update(body).digest();
    // An empty secret would accept what anybody can compute.
    return secret.length > 0 && given.length === expected.length && timingSafeEqual(given, expected);
  },
  // What stays the same when it is sent again, and with nothing else; "": the bytes tell deliveries apart.
  deliveryId: () => '',
  topic: (headers) => one(headers, 'x-${name}-topic').toLowerCase(),
  sentAt: () => '',
};

const one = (headers: Headers, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : '';
};
`;

const delivery = `import { Refused } from '@flotilla/decider';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { Arrived, Facts, Reading, Said } from '../platform.js';
import { buyerOf, factsOf, toOrder } from './order.js';

/** The topic of orders that were asked for rather than sent. */
export const pulledOrder = 'order.pulled';

const whole = new Set(['order.created', 'order.updated', pulledOrder]); // TO BE WRITTEN: its topics

/** One order. What cannot be understood is a reading with its reason; nothing is thrown. */
export const readDelivery = ({ topic, body }: Arrived): readonly Reading[] => {
  let channelOrderId = '';
  let buyer = '';
  let known: Facts | undefined;
  const kind: Reading['kind'] = topic === 'order.updated' ? 'update' : 'announce';
  const said = ((): Said => {
    try {
      const order = Fields.of(parseExact(body));
      if (order === undefined) throw new Refused('BAD_JSON', 'the body is no JSON object');
      if (!whole.has(topic)) throw new Refused('UNKNOWN_TOPIC', \`a webhook of the topic "\${topic.slice(0, 60)}" says nothing that is understood here\`);
      channelOrderId = order.id('id'); // TO BE WRITTEN: the order's id is text, whatever it looks like
      if (channelOrderId === '') throw new Refused('NO_ORDER_ID', 'id is missing or not a number');
      buyer = \`order:\${channelOrderId}\`;
      buyer = buyerOf(order, channelOrderId);
      const facts = factsOf(order);
      // What of an order that cannot be read could be: that it was paid or cancelled holds.
      known = facts;
      // TO BE WRITTEN: what has left already says facts and no order.
      return { as: 'order', order: toOrder(order, facts), facts };
    } catch (error) {
      if (error instanceof Refused) return { as: 'failure', reason: error.reason, detail: error.message, ...(known === undefined ? {} : { facts: known }) };
      throw error;
    }
  })();
  return [{ channelOrderId, kind, buyer, said }];
};
`;

const order = `import { Refused } from '@flotilla/decider';
import type { Fields } from '../fields.js';
import { noFacts, type ClearOrder, type Facts } from '../platform.js';

// Pure: the platform's words to ours. Refused with a reason of the registry and the field's path, never with its value.

/** Whose order it is; of a guest, nobody's but this order. */
export const buyerOf = (order: Fields, channelOrderId: string): string => order.text('customer_id') || \`order:\${channelOrderId}\`; // TO BE WRITTEN

/** What stays true: paid, cancelled, refunds. */
export const factsOf = (order: Fields): Facts => {
  const modifiedAt = order.instant('modified_at'); // TO BE WRITTEN
  if (modifiedAt === '') throw new Refused('BAD_INSTANT', 'modified_at is missing');
  return { ...noFacts(modifiedAt), frozen: { frozen: false, reason: '' } }; // TO BE WRITTEN: a status that nobody knows freezes the order
};

/** The order as it is, with quantities as if none of its refunds were there. */
export const toOrder = (_order: Fields, _facts: Facts): ClearOrder => {
  throw new Refused('CONTRACT_VIOLATED', 'TO BE WRITTEN: what its fields mean');
};
`;

const api = (name: string): string => `import { bytesOf, whyNot } from '../bounded.js';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { ChannelApi } from '../platform.js';

const deadlineMs = 10_000;

/** No answer that could be used. \`people\`: the key is wrong or not allowed to do this. */
export class CallFailed extends Error {
  constructor(
    readonly kind: 'later' | 'people',
    readonly why: string,
    readonly afterMs = 1_000,
  ) {
    super(why);
  }
}

/** TO BE WRITTEN: a call of ${name}'s API, with its signature or key. Throws CallFailed for limits, outages, wrong keys and what is no answer. */
export const call = async (api: ChannelApi, method: 'GET' | 'POST', path: string, body?: object): Promise<{ readonly status: number; readonly body: Fields }> => {
  try {
    const answer = await api.fetch(\`\${api.url.replace(/\\/+$/, '')}/\${path}\`, {
      method, headers: { accept: 'application/json', authorization: \`Bearer \${api.token}\` }, ...(body ? { body: JSON.stringify(body) } : {}), signal: AbortSignal.timeout(deadlineMs),
    });
    const bytes = await bytesOf(answer);
    const { status } = answer;
    if (status === 429) throw new CallFailed('later', 'the platform limits the rate', Math.max(1, Number(answer.headers.get('retry-after')) || 1) * 1_000);
    if (status === 401 || status === 403) throw new CallFailed('people', \`answered \${status}: give Channels/Renew another api_token\`);
    if (status >= 500 || status === 408) throw new CallFailed('later', \`answered \${status}\`);
    return { status, body: Fields.of(parsed(bytes, status)) ?? Fields.none };
  } catch (error) {
    throw error instanceof CallFailed ? error : new CallFailed('later', whyNot(error));
  }
};

// A page of HTML is a proxy's: it says nothing about what was asked.
const parsed = (bytes: Uint8Array, status: number): unknown => {
  try {
    return parseExact(bytes);
  } catch {
    if (status >= 400) return undefined;
    throw new CallFailed('later', 'the answer is no JSON');
  }
};
`;

const orders = (name: string): string => `import type { OrdersPort, OrdersPulled } from '../platform.js';
import { call, CallFailed } from './api.js';
import { pulledOrder } from './delivery.js';

/** TO BE WRITTEN: how ${name} lists what was changed in a window. Numbered pages are read from the last to the first, so that nothing that changes meanwhile is passed over. */
export const orders: OrdersPort = {
  longestWindowMs: 24 * 3_600_000, // TO BE WRITTEN
  pull: async (api, { from, to, next }): Promise<OrdersPulled> => {
    try {
      const { body } = await call(api, 'GET', \`orders?\${new URLSearchParams({ from, to, cursor: next }).toString()}\`);
      const listed = body.raw('orders');
      if (!Array.isArray(listed)) throw new CallFailed('later', 'the answer has no orders');
      return { outcome: 'page', orders: listed.map((order: unknown) => ({ topic: pulledOrder, body: Buffer.from(JSON.stringify(order)) })), next: body.text('next') };
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      return error.kind === 'later' ? { outcome: 'retry', afterMs: error.afterMs, why: error.why } : { outcome: 'blocked', why: error.why };
    }
  },
};
`;

const writeBack = (name: string): string => `import type { ChannelApi, Shipment, WrittenBack } from '../platform.js';
import { call, CallFailed } from './api.js';

/** TO BE WRITTEN: tells a shipment to ${name}. The platform is read first, and what carries the number already is told: so that it may be repeated after any loss. */
export const writeBack = async (api: ChannelApi, { channelOrderId, waybill }: Shipment): Promise<WrittenBack> => {
  if (!/^\\d{1,20}$/.test(channelOrderId)) return failed('NOT_FOUND', 'the order’s id is none of the platform’s');
  if (!/^[\\w-]{4,64}$/.test(waybill)) return failed('BAD_REQUEST', 'the number is not 4 to 64 letters and digits');
  try {
    const { status } = await call(api, 'GET', \`orders/\${channelOrderId}\`);
    if (status === 404) return failed('NOT_FOUND', 'the order was answered 404');
    return { outcome: 'retry', afterMs: 60_000, why: 'TO BE WRITTEN: what is told of a shipment' };
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return { outcome: 'retry', afterMs: error.afterMs, why: error.why };
  }
};

const failed = (reason: string, detail: string): WrittenBack => ({ outcome: 'failed', reason, detail: detail.slice(0, 300).toWellFormed() });
`;

const readme = (name: string): string => `# ${name}

TO BE WRITTEN: from which documents and recorded answers its protocol is known, and what is general knowledge.

| file | does |
|---|---|
| \`manifest.ts\` | what the registry knows of this platform |
| \`signature.ts\` | the signature over the raw bytes, the topic |
| \`delivery.ts\` | a webhook's body, or an order that was asked for → a reading |
| \`order.ts\` | the order object → our words, pure |
| \`api.ts\`, \`orders.ts\` | one call; orders by when they were modified |
| \`write-back.ts\` | a shipment, after the platform was read |
| \`fixtures/\` | payloads written by hand in the platform's shapes |

Connect it with \`api_url\`, \`secret\` and \`api_token\`: TO BE WRITTEN.

Oddities that the mapping knows: TO BE WRITTEN.

Write-back: TO BE WRITTEN.
`;

const example = (name: string): string => `  ${name.includes('-') ? `'${name}'` : name}: {
    topic: 'order.created',
    id: '1', // TO BE WRITTEN: the id of the order in the fixture
    order: ({ second, remark }) => ({ ...fixture('${name}/fixtures/order.json'), modified_at: \`2026-12-01T10:00:\${two(second)}Z\`, note: remark }),
    personal: ['TO BE WRITTEN: the words of the fixture that are a person’s'],
    sign: (secret, body) => ({ 'x-${name}-signature': base64(secret, body), 'x-${name}-topic': 'order.created' }),
  },
`;
