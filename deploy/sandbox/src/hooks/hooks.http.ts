import type { FastifyInstance } from 'fastify';
import { pageOf } from '../control/reply.js';
import { answer, type Answer } from '../faults/answer.js';
import type { Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';

/** An event as it came, with all that its signature is over. */
export interface Hooked {
  readonly id: number;
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** One of this id had been taken before. */
  readonly repeat: boolean;
}

const most = 5_000;

/** Programs of other systems that are told events, `/hooks/<name>` each: they take what comes, and keep it as it came for whoever checks its signature. */
export function hooksApi(app: FastifyInstance, options: { faults: Faults; ledger: Ledger }): void {
  const { faults, ledger } = options;
  const taken: Hooked[] = [];
  let last = 0;
  const limited = (): Answer => ({ status: 429, body: '{}', headers: { 'retry-after': '1' } });

  app.post<{ Params: { name: string } }>('/hooks/:name', async (request, reply) => {
    const { name } = request.params;
    const header = (of: string): string => String(request.headers[of] ?? '');
    const noted = (status: string): void => void ledger.note({ world: 'hooks', direction: 'in', kind: 'hooks.post', deliveryId: header('webhook-id'), status });
    return answer({ faults, target: 'hooks', operation: `hooks.${name}`, reply, limited, noted }, () => {
      if (faults.strike('hooks', `hooks.${name}`, ['refuse'])) return { status: 410, body: '{}' };
      const headers = Object.fromEntries(['webhook-id', 'webhook-timestamp', 'webhook-signature', 'content-type', 'user-agent'].map((of) => [of, header(of)]));
      taken.push({ id: (last += 1), name, headers, text: String(request.body), repeat: taken.some((one) => one.name === name && one.headers['webhook-id'] === headers['webhook-id']) });
      if (taken.length > most) taken.shift();
      return { status: 204, body: '' };
    });
  });
  // Where somebody moved: whoever follows would tell a stranger.
  app.post<{ Params: { name: string } }>('/moved/:name', async (request, reply) => reply.code(307).header('location', `/hooks/${request.params.name}`).send());

  app.get('/_control/hooks', async (request) => {
    const { after, limit } = pageOf(request, 500);
    return { taken: taken.filter(({ id }) => id > after).slice(0, limit) };
  });
}
