import type { EventStore } from '@flotilla/event-store';
import { channel } from '../decide/channel.decider.js';
import type { Secrets } from '../keys/secrets.js';

/** A channel with its secrets opened: only in memory. */
export interface ConnectedChannel {
  readonly id: string;
  readonly platform: string;
  readonly apiUrl: string;
  readonly secret: Uint8Array;
  readonly token: string;
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
    const state = (await this.store.folded(channel, [id])).get(id)?.state;
    if (state === null || state === undefined) return undefined;
    const { platform, apiUrl, connectedAt } = state;
    return { id, platform, apiUrl, connectedAt, secret: Buffer.from(this.secrets.openSetting(id, 'secret', state.secret)), token: this.secrets.openSetting(id, 'token', state.token) };
  }
}
