import { startSandbox, type Sandbox } from '../../../deploy/sandbox/src/app.js';
import { readConfig } from '../../../deploy/sandbox/src/config.js';
import type { LevelSet, Variant } from '../../../deploy/sandbox/src/platforms/shopify/inventory.js';

export const shopToken = 'shpat_stock';

/** The sandbox's shops, driven over HTTP as anybody would. */
export interface ShopSandbox {
  url(shop: string): string;
  /** Lists a SKU, or changes what the shop has of it, as its people do. */
  put(shop: string, sku: string, change?: { readonly available?: number; readonly tracked?: boolean; readonly stocked?: boolean; readonly listed?: boolean }): Promise<void>;
  /** What the shop shows of a SKU; null: it does not stock it. */
  shows(shop: string, sku: string): Promise<number | null>;
  /** Levels that were set by the API, oldest first. */
  sets(shop: string, sku: string): Promise<readonly LevelSet[]>;
  fault(fault: { readonly kind: string; readonly operation: string; readonly ms?: number; readonly count?: number; readonly probability?: number }): Promise<void>;
  calm(): Promise<void>;
  /** How often an operation was called. */
  calls(shop: string, operation: string): Promise<number>;
  close(): Promise<void>;
}

export const shopSandbox = async (shops: readonly string[]): Promise<ShopSandbox> => {
  const channels = shops.map((id) => ({ id, platform: 'shopify', secret: 'shpss_stock', appKey: shopToken }));
  const sandbox: Sandbox = await startSandbox({ ...readConfig({ FLOTILLA_HTTP_PORT: '0', FLOTILLA_SMTP_PORT: '0', FLOTILLA_SHOPIFY_RATE_SCALE: '5' }), channels });
  const at = `http://127.0.0.1:${sandbox.httpPort}`;
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(at + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const stock = (shop: string, sku: string): Promise<{ items: readonly Variant[]; sets: readonly LevelSet[] }> => call('GET', `/_control/shopify/${shop}/stock?${new URLSearchParams({ sku }).toString()}`);
  return {
    url: (shop) => `${at}/shopify/${shop}`,
    put: async (shop, sku, change = {}) => void (await call('PUT', `/_control/shopify/${shop}/stock`, { sku, ...change })),
    shows: async (shop, sku) => (await stock(shop, sku)).items[0]!.available,
    sets: async (shop, sku) => (await stock(shop, sku)).sets,
    fault: async (fault) => void (await call('POST', '/_control/faults', { target: 'shopify', ...fault })),
    calm: async () => void (await call('DELETE', '/_control/faults')),
    calls: async (shop, operation) => (await call<{ entries: readonly { kind: string; channel: string }[] }>('GET', '/_control/ledger')).entries.filter(({ kind, channel }) => kind === operation && channel === shop).length,
    close: () => sandbox.close(),
  };
};
