import { startSandbox, type Sandbox } from '../../../deploy/sandbox/src/app.js';
import { readConfig } from '../../../deploy/sandbox/src/config.js';

export interface SandboxOrder {
  readonly id: string;
  readonly status: string;
  readonly webhook?: number | null;
  readonly oaid?: string;
  readonly name?: string;
  readonly modifiedAt?: string;
  readonly lines: readonly { readonly id: string; readonly sku: string; readonly quantity: number; readonly sent?: { readonly number: string; readonly company: string } | null }[];
  readonly notes?: readonly { readonly id: number; readonly note: string }[];
  readonly meta?: readonly { readonly key: string; readonly value: unknown }[];
}

/** The sandbox's shops of WooCommerce and Taobao, driven over HTTP as anybody would. */
export interface PlatformsSandbox {
  url(platform: 'woocommerce' | 'taobao', shop: string): string;
  make(platform: 'woocommerce' | 'taobao', shop: string, asked?: object): Promise<readonly SandboxOrder[]>;
  act(platform: 'woocommerce' | 'taobao', shop: string, id: string, what: string, asked?: object): Promise<SandboxOrder>;
  see(platform: 'woocommerce' | 'taobao', shop: string, id: string): Promise<SandboxOrder>;
  session(shop: string, sessionValid: boolean, more?: { readonly renewable?: boolean; readonly sessionSeconds?: number; readonly consignHours?: number }): Promise<void>;
  /** What a shop of WooCommerce has of a SKU; `change` lists it or changes it, as its people do. */
  stock(shop: string, sku: string, change?: { readonly of?: string; readonly available?: number; readonly managed?: boolean }): Promise<{ readonly quantity: number; readonly sets: readonly number[] }>;
  greet(shop: string): Promise<number>;
  state(shop: string): Promise<{ readonly disabled: boolean }>;
  fault(fault: { readonly target: string; readonly kind: string; readonly operation?: string; readonly ms?: number; readonly count?: number; readonly probability?: number }): Promise<void>;
  calm(): Promise<void>;
  /** How often an operation was called, and how that was answered: a status, or that it was limited or not at all. */
  calls(shop: string, operation: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const platformsSandbox = async (channels: readonly { readonly id: string; readonly platform: string; readonly secret: string; readonly appKey: string }[], ingestUrl: string, clock = ''): Promise<PlatformsSandbox> => {
  const sandbox: Sandbox = await startSandbox({ ...readConfig({ FLOTILLA_HTTP_PORT: '0', FLOTILLA_SMTP_PORT: '0', FLOTILLA_INGEST_URL: ingestUrl, FLOTILLA_CLOCK: clock }), channels });
  const at = `http://127.0.0.1:${sandbox.httpPort}`;
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(at + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    url: (platform, shop) => `${at}/${platform}/${shop}`,
    make: async (platform, shop, asked = {}) => (await call<{ orders: SandboxOrder[] }>('POST', `/_control/${platform}/${shop}/orders`, asked)).orders,
    act: (platform, shop, id, what, asked = {}) => call('POST', `/_control/${platform}/${shop}/orders/${id}/${what}`, asked),
    see: (platform, shop, id) => call('GET', `/_control/${platform}/${shop}/orders/${id}`),
    session: async (shop, sessionValid, more = {}) => void (await call('PUT', `/_control/taobao/${shop}`, { sessionValid, ...more })),
    stock: async (shop, sku, change) => {
      if (change !== undefined) await call('PUT', `/_control/woocommerce/${shop}/stock`, { sku, ...change });
      const { products, sets } = await call<{ products: readonly { quantity: number }[]; sets: readonly { to: number }[] }>('GET', `/_control/woocommerce/${shop}/stock?sku=${sku}`);
      return { quantity: products[0]!.quantity, sets: sets.map(({ to }) => to) };
    },
    greet: async (shop) => (await call<{ greeted: number }>('POST', `/_control/woocommerce/${shop}/webhook`)).greeted,
    state: (shop) => call('GET', `/_control/woocommerce/${shop}`),
    fault: async (fault) => void (await call('POST', '/_control/faults', fault)),
    calm: async () => void (await call('DELETE', '/_control/faults')),
    calls: async (shop, operation) => {
      const found: string[] = [];
      for (let after: number | null = 0; after !== null; ) {
        const page: { entries: readonly { kind: string; channel: string; status: string }[]; next: number | null } = await call('GET', `/_control/ledger?after=${after}`);
        found.push(...page.entries.filter(({ kind, channel }) => kind === operation && channel === shop).map(({ status }) => status));
        after = page.next;
      }
      return found;
    },
    close: () => sandbox.close(),
  };
};
