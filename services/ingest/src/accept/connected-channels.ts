import type { ingest } from '@flotilla/contracts';
import type { EventStore } from '@flotilla/event-store';
import { channel } from '../decide/channel.decider.js';
import { fieldMapping } from '../decide/mapping.decider.js';
import { skuPolicy } from '../decide/sku-policy.decider.js';
import type { Secrets } from '../keys/secrets.js';

/** A channel with its secrets opened: only in memory. */
export interface ConnectedChannel {
  readonly id: string;
  readonly platform: string;
  readonly apiUrl: string;
  readonly secret: Uint8Array;
  readonly token: string;
  /** It has a SKU map, so that its orders' items are looked up. */
  readonly hasSkuMap: boolean;
  /** What its fields mean, if it is read by a mapping. */
  readonly mapping: ingest.Mapping | undefined;
  readonly connectedAt: string;
}

const keepMs = 2_000;
const capacity = 1_000;

/** Channels by id, as of two seconds ago at most. What does not exist is remembered, too: anybody can ask for it. */
export class ConnectedChannels {
  private readonly cache = new Map<string, { readonly found: Promise<ConnectedChannel | undefined>; readonly until: number }>();

  constructor(
    private readonly store: EventStore,
    private readonly secrets: Secrets,
  ) {}

  get(id: string): Promise<ConnectedChannel | undefined> {
    if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(id)) return Promise.resolve(undefined);
    const known = this.cache.get(id);
    if (known !== undefined && known.until > Date.now()) return known.found;
    if (this.cache.size >= capacity) this.cache.clear();
    const found = this.read(id);
    this.cache.set(id, { found, until: Date.now() + keepMs });
    found.catch(() => this.cache.delete(id));
    return found;
  }

  /** After a change in this process. */
  forget(id: string): void {
    this.cache.delete(id);
  }

  private async read(id: string): Promise<ConnectedChannel | undefined> {
    // Asked for in one turn, it is one query.
    const [channels, policies, mappings] = await Promise.all([this.store.folded(channel, [id]), this.store.folded(skuPolicy, [id]), this.store.folded(fieldMapping, [id])]);
    const state = channels.get(id)?.state;
    if (state === null || state === undefined) return undefined;
    const { platform, apiUrl, connectedAt } = state;
    return { id, platform, apiUrl, connectedAt, secret: Buffer.from(this.secrets.openSetting(id, 'secret', state.secret)), token: this.secrets.openSetting(id, 'token', state.token), hasSkuMap: (policies.get(id)?.version ?? 0) > 0, mapping: mappings.get(id)?.state?.mapping };
  }
}
