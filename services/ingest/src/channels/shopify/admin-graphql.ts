import { bytesOf, whyNot } from '../bounded.js';
import { parseExact } from '../exact-json.js';
import { Fields } from '../fields.js';
import type { ChannelApi } from '../platform.js';
import { apiVersion } from './write-back.js';

const deadlineMs = 10_000;
const mostWaits = 10;
const longestWaitMs = 10_000;

/** No answer to go by: the limit lasts, an outage, a wrong token, no answer at all. `unsure`: the call may have had an effect. */
export class NotNow extends Error {
  constructor(
    readonly why: string,
    readonly afterMs: number,
    readonly unsure: boolean,
  ) {
    super(why);
  }
}

/**
 * Asks Shopify's GraphQL Admin API and answers with its `data`. A limit is an answer of 200 with THROTTLED; the call had no effect and is
 * made again when the bucket holds its cost. NotNow for whatever may pass.
 */
export const ask = async (api: ChannelApi, query: string, variables: object): Promise<Fields> => {
  for (let waits = 0; ; waits += 1) {
    const answer = await post(api, JSON.stringify({ query, variables }));
    const [error] = answer.list('errors');
    if (error === undefined) {
      const data = answer.object('data');
      if (data === undefined) throw new NotNow('the answer holds neither data nor errors', 1_000, true);
      return data;
    }
    if (error.object('extensions')?.text('code') !== 'THROTTLED') throw new NotNow(`refused: ${error.text('message').slice(0, 200)}`, 60_000, false);
    const afterMs = restoredMs(answer);
    if (waits === mostWaits) throw new NotNow('the platform limits the rate', afterMs, false);
    await api.wait(afterMs * (1 + Math.random() / 2));
  }
};

// extensions.cost: {requestedQueryCost, throttleStatus: {currentlyAvailable, restoreRate}}
const restoredMs = (answer: Fields): number => {
  const cost = answer.object('extensions')?.object('cost');
  const status = cost?.object('throttleStatus');
  const [wanted, there, rate] = [cost?.figure('requestedQueryCost') ?? 0, status?.figure('currentlyAvailable') ?? 0, status?.figure('restoreRate') ?? 0];
  return rate > 0 ? Math.min(longestWaitMs, Math.max(100, ((wanted - there) / rate) * 1_000)) : 1_000;
};

const post = async (api: ChannelApi, body: string): Promise<Fields> => {
  let answer: Response;
  let bytes: Uint8Array;
  try {
    answer = await api.fetch(`${api.url.replace(/\/+$/, '')}/admin/api/${apiVersion}/graphql.json`, {
      method: 'POST', body, headers: { 'content-type': 'application/json', accept: 'application/json', 'x-shopify-access-token': api.token }, signal: AbortSignal.timeout(deadlineMs),
    });
    bytes = await bytesOf(answer);
  } catch (error) {
    throw new NotNow(whyNot(error), 1_000, true);
  }
  const { status } = answer;
  if (status === 429) throw new NotNow('the platform limits the rate', 2_000, false);
  if (status !== 200) throw new NotNow(`answered ${status}`, status >= 500 || status === 408 ? 1_000 : 60_000, status >= 500 || status === 408);
  try {
    return Fields.of(parseExact(bytes)) ?? Fields.none;
  } catch {
    throw new NotNow('the answer is no JSON', 1_000, true);
  }
};
