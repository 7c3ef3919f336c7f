/** What the sandbox lets one control and know: the outside world's side of the story. */
export interface PlanEntry {
  readonly role: string;
  readonly channel: string;
  readonly platform: 'shopify' | 'connector';
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
  readonly deliveryId: string;
  readonly body: string;
}

const ask = async (url: string, init?: RequestInit): Promise<Response> => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`);
  return response;
};

const post = (url: string, body: unknown): Promise<Response> => ask(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

export const callWorld = (sandbox: string) => ({
  run: async (options: { orders: number; rate: number; seed: number; weather: boolean }): Promise<void> => {
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
  ledger: async (): Promise<LedgerSummary> => (await ask(`${sandbox}/_control/ledger/summary`)).json() as Promise<LedgerSummary>,
  /** The payout statement of a shop for what was fulfilled since the last; undefined while there is none. */
  statement: async (channel: string, batch: number): Promise<string | undefined> => {
    const response = await fetch(`${sandbox}/_control/shopify/${channel}/payouts.csv?batch=${batch}&ripe=fulfilled`);
    return response.ok ? response.text() : undefined;
  },
});

export type World = ReturnType<typeof callWorld>;
