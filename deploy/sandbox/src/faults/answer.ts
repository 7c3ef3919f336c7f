import type { FastifyReply } from 'fastify';
import { sleep } from '../clock.js';
import { ANSWERING, type Faults, type Kind, type Target } from './faults.js';

export interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
  /** In the ledger, where the status does not tell: TOP's errors are answered 200. */
  noted?: string;
}

const HANG_MS = 30_000;

/**
 * Answers a call, or fails to, as the faults in force want it. `effect` does the work; after a timeout-after-effect it has
 * happened and the caller cannot know.
 */
export async function answer(
  options: { faults: Faults; target: Target; operation: string; orderId?: string; reply: FastifyReply; limited: () => Answer; noted: (status: string) => void },
  effect: () => Answer,
): Promise<FastifyReply> {
  const { reply, noted } = options;
  const fault = options.faults.strike(options.target, options.operation, ANSWERING, options.orderId);
  const give = (answered: Answer): FastifyReply => {
    noted(answered.noted ?? String(answered.status));
    return reply.code(answered.status).headers({ 'content-type': 'application/json; charset=utf-8', ...answered.headers }).send(answered.body);
  };
  const silence = (kind: Kind, ms: number): FastifyReply => {
    noted(`no answer (${kind})`);
    reply.hijack();
    const socket = reply.raw.socket;
    const timer = setTimeout(() => socket?.destroy(), ms);
    socket?.once('close', () => clearTimeout(timer));
    return reply;
  };
  switch (fault?.kind) {
    case 'timeout-after-effect':
      effect();
      return silence(fault.kind, fault.ms ?? HANG_MS);
    case 'timeout-before-effect':
      return silence(fault.kind, fault.ms ?? HANG_MS);
    // Given up by whoever asked, and done all the same, later.
    case 'late-effect':
      setTimeout(effect, fault.ms ?? 2_000).unref();
      return silence(fault.kind, 0);
    case 'reset':
      return silence(fault.kind, 0);
    case 'error-500':
      return give({ status: 500, body: '{"errors":"Internal Server Error"}' });
    case 'error-500-after-effect':
      effect();
      return give({ status: 500, body: '{"errors":"Internal Server Error"}' });
    case 'garbage':
      effect();
      return give({ status: 200, body: '<html><body><h1>502 Bad Gateway</h1></body></html>', headers: { 'content-type': 'text/html' } });
    case 'rate-limit':
      return give(options.limited());
    case 'slow':
      await sleep(fault.ms ?? 2_000);
      return give(effect());
    default:
      return give(effect());
  }
}
