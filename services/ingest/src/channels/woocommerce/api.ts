import { bytesOf, whyNot } from '../bounded.js';
import { parseExact } from '../exact-json.js';
import type { ChannelApi } from '../platform.js';

const deadlineMs = 10_000;
const mostWaits = 20;
/** Longer is for whoever called to wait, who keeps nobody from calling other shops meanwhile. */
const longestWaitMs = 10_000;
const dayMs = 24 * 3_600_000;

/** No answer that could be used. `people`: the key is wrong or not allowed to do this. */
export class WooFailed extends Error {
  constructor(
    readonly kind: 'later' | 'people',
    readonly why: string,
    readonly afterMs = 1_000,
  ) {
    super(why);
  }
}

export interface WooAnswer {
  readonly status: number;
  readonly headers: globalThis.Headers;
  readonly body: unknown;
  readonly text: string;
}

/** A call of the REST API v3, Basic with "<consumer key>:<consumer secret>". A short limit is waited out; a long one and outages throw WooFailed. */
export const callWoo = async (api: ChannelApi, method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<WooAnswer> => {
  for (let waits = 0; ; waits += 1) {
    let answer: Response;
    let bytes: Uint8Array;
    try {
      answer = await api.fetch(`${api.url.replace(/\/+$/, '')}/wp-json/wc/v3/${path}`, {
        method,
        headers: { accept: 'application/json', authorization: `Basic ${Buffer.from(api.token).toString('base64')}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(deadlineMs),
      });
      bytes = await bytesOf(answer);
    } catch (error) {
      throw new WooFailed('later', whyNot(error));
    }
    const { status, headers } = answer;
    if (status === 429) {
      const seconds = Number(headers.get('retry-after') ?? 1);
      const afterMs = Number.isFinite(seconds) && seconds >= 0 ? Math.min(Math.max(seconds * 1_000, 100), dayMs) : 1_000;
      if (waits === mostWaits || afterMs > longestWaitMs) throw new WooFailed('later', 'the platform limits the rate', afterMs);
      await api.wait(afterMs * (1 + Math.random()));
      continue;
    }
    if (status === 401 || status === 403) throw new WooFailed('people', `answered ${status}: give Channels/Renew an api_token = "<consumer key>:<consumer secret>" that may read and write`);
    if (status >= 500 || status === 408) throw new WooFailed('later', `answered ${status}`);
    return { status, headers, body: parsed(bytes, status), text: new TextDecoder().decode(bytes).replace(/[^\x20-\x7e]+/g, ' ').slice(0, 300) };
  }
};

// Shops answer with HTML when a plugin or a proxy fails: that says nothing about what was asked.
const parsed = (bytes: Uint8Array, status: number): unknown => {
  try {
    return parseExact(bytes);
  } catch {
    if (status >= 400) return undefined;
    throw new WooFailed('later', 'the answer is no JSON');
  }
};
