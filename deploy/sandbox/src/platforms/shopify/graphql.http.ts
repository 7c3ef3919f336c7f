import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answer, type Answer } from '../../faults/answer.js';
import type { Faults } from '../../faults/faults.js';
import type { Ledger } from '../../ledger/ledger.js';
import { CLOSED_PLACE, PLACE, type Inventory, type Variant } from './inventory.js';
import type { Shop } from './shop.js';

export interface GraphqlOptions {
  shops: ReadonlyMap<string, Shop>;
  inventory: (shop: Shop) => Inventory;
  faults: Faults;
  ledger: Ledger;
  /** How many times faster than 100 points a second the bucket fills. */
  rateScale: number;
}

const MOST_POINTS = 2_000;
const POINTS_PER_SECOND = 100;
const MOST_QUANTITIES = 250;
const REASONS = ['correction', 'cycle_count_available', 'damaged', 'movement_created', 'other', 'received', 'restock', 'safety_stock', 'shrinkage'];

type Variables = Readonly<Record<string, unknown>>;
interface Field {
  operation: string;
  points: (variables: Variables) => number;
  resolve: (inventory: Inventory, variables: Variables) => unknown;
}

/** An error at the top of an answer: the whole request was refused. */
class Invalid extends Error {
  constructor(message: string, readonly code: string) {
    super(message);
  }
}

/**
 * Shopify's GraphQL Admin API 2025-10, as far as products and stock go. Answers hold every field that the platform has there and that a
 * client here may have selected; which field is asked for is read from the text, its arguments from the variables.
 */
export function graphqlApi(app: FastifyInstance, options: GraphqlOptions): void {
  const buckets = new Map<string, { points: number; at: number }>();
  const rate = POINTS_PER_SECOND * options.rateScale;
  const bucketOf = (shop: Shop): { points: number } => {
    const bucket = buckets.get(shop.channel) ?? { points: MOST_POINTS, at: Date.now() };
    bucket.points = Math.min(MOST_POINTS, bucket.points + ((Date.now() - bucket.at) / 1_000) * rate);
    bucket.at = Date.now();
    buckets.set(shop.channel, bucket);
    return bucket;
  };
  const costOf = (wanted: number, there: number, actual: number | null): object => ({
    cost: { requestedQueryCost: wanted, actualQueryCost: actual, throttleStatus: { maximumAvailable: MOST_POINTS, currentlyAvailable: Math.floor(there), restoreRate: rate } },
  });
  const json = (body: object, status = 200): Answer => ({ status, body: JSON.stringify(body), headers: { 'x-shopify-api-version': '2025-10' } });
  const throttled = (wanted: number, there: number): Answer =>
    json({ errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' } }], extensions: costOf(wanted, there, null) });

  app.post('/shopify/:channel/admin/api/2025-10/graphql.json', async (request: FastifyRequest, reply: FastifyReply) => {
    const { channel } = request.params as { channel: string };
    const shop = options.shops.get(channel);
    const { query, variables } = read(request.body);
    const field = Object.entries(fields).find(([name]) => new RegExp(`[{\\s]${name}\\s*\\(`).test(query))?.[1];
    const operation = field?.operation ?? 'graphql';
    const noted = (status: string): void => void options.ledger.note({ world: 'shopify', direction: 'in', kind: operation, channel, orderId: '', status });
    if (shop === undefined || request.headers['x-shopify-access-token'] !== shop.token) {
      noted('401');
      return reply.code(shop === undefined ? 404 : 401).send(shop === undefined ? '{"errors":"Not Found"}' : '{"errors":"[API] Invalid API key or access token (unrecognized login or wrong password)"}');
    }
    if (field === undefined) {
      noted('200');
      return reply.type('application/json').send(JSON.stringify({ errors: [{ message: "Field doesn't exist on type 'QueryRoot'", extensions: { code: 'undefinedField' } }] }));
    }
    const bucket = bucketOf(shop);
    const points = field.points(variables);
    if (bucket.points < points) {
      noted('throttled');
      return reply.type('application/json').send(throttled(points, bucket.points).body);
    }
    bucket.points -= points;
    return answer({ faults: options.faults, target: 'shopify', operation, reply, limited: () => throttled(points, 0), noted }, () => {
      try {
        return json({ data: field.resolve(options.inventory(shop), variables), extensions: costOf(points, bucket.points, points) });
      } catch (error) {
        if (!(error instanceof Invalid)) throw error;
        return json({ errors: [{ message: error.message, extensions: { code: error.code } }], extensions: costOf(points, bucket.points, points) });
      }
    });
  });
}

const read = (body: unknown): { query: string; variables: Variables } => {
  try {
    const { query, variables } = JSON.parse(Buffer.isBuffer(body) ? body.toString() : '') as { query?: unknown; variables?: Variables };
    return { query: typeof query === 'string' ? query : '', variables: variables ?? {} };
  } catch {
    return { query: '', variables: {} };
  }
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

const levelTree = ({ available }: Variant, place: unknown): object | null => (place !== PLACE || available === null ? null : { quantities: [{ name: 'available', quantity: available }] });

const fields: Readonly<Record<string, Field>> = {
  locations: {
    operation: 'locations.list',
    points: () => 6,
    resolve: () => ({ locations: { nodes: [{ id: CLOSED_PLACE, name: 'Old store', isActive: true, fulfillsOnlineOrders: false }, { id: PLACE, name: 'Shop location', isActive: true, fulfillsOnlineOrders: true }], pageInfo: { hasNextPage: false, endCursor: null } } }),
  },
  productVariants: {
    operation: 'variants.list',
    points: ({ first }) => 4 + Math.ceil(Number(first) / 2),
    resolve: (inventory, { first, after, location }) => {
      const size = Number(first);
      if (!(size >= 1 && size <= 250)) throw new Invalid('first must be from 1 to 250', 'BAD_USER_INPUT');
      const sorted = inventory.variants.toSorted((a, b) => (a.variantId < b.variantId ? -1 : 1));
      const cursor = typeof after === 'string' ? Buffer.from(after, 'base64url').toString() : '';
      const rest = sorted.filter(({ variantId }) => variantId > cursor);
      const nodes = rest.slice(0, size).map((variant) => ({
        id: variant.variantId, sku: variant.sku, title: 'Default Title', barcode: variant.barcode, product: { id: variant.productId, title: variant.title },
        inventoryItem: { id: variant.itemId, tracked: variant.tracked, inventoryLevel: levelTree(variant, location) },
      }));
      return { productVariants: { nodes, pageInfo: { hasNextPage: rest.length > size, endCursor: nodes.length === 0 ? null : Buffer.from(nodes.at(-1)!.id).toString('base64url') } } };
    },
  },
  nodes: {
    operation: 'inventory.get',
    points: ({ ids }) => 1 + Math.ceil(listOf(ids).length / 5),
    resolve: (inventory, { ids, location }) => {
      if (listOf(ids).length > MOST_QUANTITIES) throw new Invalid(`The input array size of ${listOf(ids).length} is greater than the maximum allowed of 250.`, 'MAX_INPUT_SIZE_EXCEEDED');
      return {
        nodes: listOf(ids).map((id) => {
          const variant = inventory.item(String(id));
          return variant === undefined ? null : { id: variant.itemId, inventoryLevel: levelTree(variant, location) };
        }),
      };
    },
  },
  inventorySetQuantities: { operation: 'inventory.set', points: () => 10, resolve: (inventory, { input }) => ({ inventorySetQuantities: setQuantities(inventory, input as SetInput) }) },
};

interface SetInput {
  name?: string;
  reason?: string;
  referenceDocumentUri?: string;
  ignoreCompareQuantity?: boolean;
  quantities?: readonly { inventoryItemId: string; locationId: string; quantity: number; compareQuantity?: number | null }[];
}

/** All or none, by Shopify's rules and in its words. */
function setQuantities(inventory: Inventory, input: SetInput): object {
  const quantities = input.quantities ?? [];
  if (quantities.length > MOST_QUANTITIES) throw new Invalid(`The input array size of ${quantities.length} is greater than the maximum allowed of 250.`, 'MAX_INPUT_SIZE_EXCEEDED');
  const userErrors: { code: string; field: string[]; message: string }[] = [];
  const wrong = (code: string, message: string, ...field: string[]): void => void userErrors.push({ code, field: ['input', ...field], message });
  if (input.name !== 'available') wrong('INVALID_NAME', "The quantity name must be either 'available' or 'on_hand'.", 'name');
  if (!REASONS.includes(input.reason ?? '')) wrong('INVALID_REASON', 'The specified reason is invalid. Read the docs for available reasons.', 'reason');
  if (input.referenceDocumentUri !== undefined && !/^\w+:\/\/\S+$/.test(input.referenceDocumentUri)) wrong('INVALID_REFERENCE_DOCUMENT', 'The specified reference document is invalid.', 'referenceDocumentUri');
  const seen = new Set<string>();
  quantities.forEach(({ inventoryItemId, locationId, quantity, compareQuantity }, index) => {
    const at = (name: string): [string, string, string] => ['quantities', String(index), name];
    const variant = inventory.item(inventoryItemId);
    if (seen.has(inventoryItemId)) wrong('NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR', 'The combination of inventoryItemId and locationId must be unique.', ...at('locationId'));
    seen.add(inventoryItemId);
    if (variant === undefined) return wrong('INVALID_INVENTORY_ITEM', 'The specified inventory item could not be found.', ...at('inventoryItemId'));
    if (locationId !== PLACE && locationId !== CLOSED_PLACE) return wrong('INVALID_LOCATION', 'The specified location could not be found.', ...at('locationId'));
    if (locationId !== PLACE || variant.available === null) return wrong('ITEM_NOT_STOCKED_AT_LOCATION', 'The specified inventory item is not stocked at the location.', ...at('locationId'));
    if (!Number.isInteger(quantity) || quantity < 0) return wrong('INVALID_QUANTITY_NEGATIVE', "The quantity can't be negative.", ...at('quantity'));
    if (quantity > 1_000_000_000) return wrong('INVALID_QUANTITY_TOO_HIGH', 'The quantity can\'t be higher than 1,000,000,000.', ...at('quantity'));
    if (input.ignoreCompareQuantity === true) return undefined;
    if (compareQuantity === undefined || compareQuantity === null) return wrong('COMPARE_QUANTITY_REQUIRED', 'The compareQuantity argument must be given to each quantity or ignored using ignoreCompareQuantity.', ...at('compareQuantity'));
    if (compareQuantity !== variant.available) return wrong('COMPARE_QUANTITY_STALE', 'The compareQuantity value does not match persisted value.', ...at('compareQuantity'));
    return undefined;
  });
  if (userErrors.length > 0) return { inventoryAdjustmentGroup: null, userErrors };
  const changes = quantities.map(({ inventoryItemId, quantity }) => {
    const variant = inventory.item(inventoryItemId)!;
    const delta = quantity - (variant.available ?? 0);
    inventory.set(variant, quantity, input.referenceDocumentUri ?? '');
    return { name: 'available', delta, quantityAfterChange: null, item: { id: inventoryItemId } };
  });
  return { inventoryAdjustmentGroup: { createdAt: new Date().toISOString(), reason: input.reason, referenceDocumentUri: input.referenceDocumentUri ?? null, changes }, userErrors };
}
