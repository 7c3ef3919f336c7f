/** What the sandbox lets one control and know: the outside world's side of the story. */
export interface PlanEntry {
  readonly role: string;
  readonly channel: string;
  readonly platform: 'shopify' | 'connector' | 'woocommerce' | 'taobao' | 'csv' | 'generic';
  readonly channelOrderId: string;
  readonly cancelOn: 'allocated' | 'waybilled' | 'shipped' | null;
  readonly outcome: string;
}

export interface LedgerSummary {
  readonly sent: number;
  readonly distinct: number;
  readonly duplicates: number;
  readonly updates: number;
  readonly forged: number;
  /** `sent` by way and channel: `PULL.woo-demo`. */
  readonly byWay: Readonly<Record<string, number>>;
}

export interface RunProgress {
  readonly planned: number;
  readonly started: number;
  readonly sent: number;
  readonly done: boolean;
}

export interface Correction {
  readonly channel: string;
  readonly channelOrderId: string;
  readonly payload: string;
}

export interface Shop {
  readonly platform: 'woocommerce' | 'generic';
  readonly secret: string;
  readonly appKey?: string;
  readonly skuPrefix?: string;
}

const ask = async (url: string, init?: RequestInit): Promise<Response> => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`);
  return response;
};

const send = (method: 'POST' | 'PUT') => (url: string, body: unknown): Promise<Response> => ask(url, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const [post, put] = [send('POST'), send('PUT')];

export const callWorld = (sandbox: string) => ({
  run: async (options: { orders: number; rate: number; seed: number; weather: boolean; ways?: boolean }): Promise<void> => {
    await post(`${sandbox}/_control/run`, options);
  },
  progress: async (): Promise<RunProgress> => (await ask(`${sandbox}/_control/run`)).json() as Promise<RunProgress>,
  plan: async (): Promise<readonly PlanEntry[]> => {
    const all: PlanEntry[] = [];
    for (let after: number | null = 0; after !== null; ) {
      const page = (await (await ask(`${sandbox}/_control/run/plan?after=${after}`)).json()) as { entries: PlanEntry[]; next: number | null };
      all.push(...page.entries);
      after = page.next;
    }
    return all;
  },
  corrections: async (): Promise<readonly Correction[]> => ((await (await ask(`${sandbox}/_control/run/corrections`)).json()) as { corrections: Correction[] }).corrections,
  cancel: async (channelOrderId: string): Promise<void> => {
    await post(`${sandbox}/_control/shopify/orders/${channelOrderId}/cancel`, { reason: 'customer' });
  },
  handOver: async (waybill: string): Promise<void> => {
    await post(`${sandbox}/_control/sf/handover`, { waybill });
  },
  /** A shop that is in no file of channels. */
  open: async (channel: string, shop: Shop): Promise<void> => {
    await put(`${sandbox}/_control/shops/${channel}`, shop);
  },
  /** The seller's authorisation at Taobao runs out, or is given again. */
  authorise: async (channel: string, sessionValid: boolean): Promise<void> => {
    await put(`${sandbox}/_control/taobao/${channel}`, { sessionValid });
  },
  /** Somebody uploads the last CSV file again, a little changed; false: there is none yet. */
  uploadAgain: async (): Promise<boolean> => (await fetch(`${sandbox}/_control/files/again`, { method: 'POST', body: '{}' })).ok,
  /** A shop that has given up on its webhook has it saved again; false: it had not given up. */
  saveWebhook: async (channel: string): Promise<boolean> => {
    const { disabled } = (await (await ask(`${sandbox}/_control/woocommerce/${channel}`)).json()) as { disabled: boolean };
    if (disabled) await post(`${sandbox}/_control/woocommerce/${channel}/webhook`, {});
    return disabled;
  },
  /** The bill of a payment service for a channel; undefined while there is nothing for it. */
  bill: async (channel: string, batch: number): Promise<{ readonly format: string; readonly csv: string } | undefined> => {
    const response = await fetch(`${sandbox}/_control/bills/${channel}?batch=${batch}`);
    return response.ok ? { format: response.headers.get('x-format') ?? '', csv: await response.text() } : undefined;
  },
  ledger: async (): Promise<LedgerSummary> => (await ask(`${sandbox}/_control/ledger/summary`)).json() as Promise<LedgerSummary>,
  /** The payout statement of a shop for what was fulfilled since the last; undefined while there is none. */
  statement: async (channel: string, batch: number): Promise<string | undefined> => {
    const response = await fetch(`${sandbox}/_control/shopify/${channel}/payouts.csv?batch=${batch}&ripe=fulfilled`);
    return response.ok ? response.text() : undefined;
  },
});

export type World = ReturnType<typeof callWorld>;
