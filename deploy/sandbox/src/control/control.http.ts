import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { KINDS, TARGETS, type Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import type { MailSink } from '../mail/sink.js';
import { ROLES, WAY_ROLES, type Role } from '../scenario/quotas.js';
import { RunRefused, type Runs } from '../scenario/run.js';
import { body, missing, pageOf, param, query } from './reply.js';

const fault = z.strictObject({
  target: z.enum(TARGETS), kind: z.enum(KINDS), operation: z.string().optional(), orderId: z.string().optional(), ms: z.number().int().min(0).max(600_000).optional(),
  count: z.number().int().min(1).optional(), probability: z.number().min(0).max(1).optional(),
});
const run = z.strictObject({
  orders: z.number().int().min(1).max(100_000).default(20), rate: z.number().min(0).max(10_000).default(20), seed: z.union([z.string(), z.number()]).default(7), weather: z.boolean().default(true),
  faults: z.boolean().default(true), channels: z.array(z.string()).optional(), salt: z.string().optional(), firstNumber: z.number().int().min(1).optional(), ways: z.boolean().optional(),
  mix: z.partialRecord(z.enum(Object.keys({ ...ROLES, ...WAY_ROLES }) as [Role, ...Role[]]), z.number().min(0).max(100)).optional(),
});

/** Faults, runs, ledger and mail: what a demo or a test drives the world with. */
export function controlApi(app: FastifyInstance, options: { faults: Faults; ledger: Ledger; mail: MailSink; runs: Runs }): void {
  const { faults, ledger, mail, runs } = options;

  app.post('/_control/faults', async (request, reply) => reply.code(201).send(faults.add(body(request, fault))));
  app.get('/_control/faults', async () => ({ faults: faults.list() }));
  app.delete('/_control/faults', async () => {
    faults.clear();
    return { faults: [] };
  });

  app.post('/_control/run', async (request, reply) => {
    try {
      const plan = runs.start(body(request, run));
      return await reply.code(202).send({ planned: plan.entries.length, options: plan.options, roles: plan.roles, faults: plan.faults, entries: plan.entries.slice(0, 500) });
    } catch (error) {
      if (error instanceof RunRefused) return reply.code(409).send({ error: error.message });
      throw error;
    }
  });
  app.post('/_control/run/stop', async () => {
    runs.stop();
    return runs.progress();
  });
  app.get('/_control/run', async () => runs.progress());
  app.get('/_control/run/plan', async (request) => {
    const { after, limit } = pageOf(request, 500);
    const all = runs.plan?.entries ?? [];
    const role = query(request, 'role');
    const entries = (role === undefined ? all : all.filter((entry) => entry.role === role)).slice(after);
    return { options: runs.plan?.options ?? null, roles: runs.plan?.roles ?? {}, entries: entries.slice(0, limit), next: entries.length > limit ? after + limit : null };
  });
  app.get('/_control/run/corrections', async () => ({ corrections: runs.corrections }));

  app.get('/_control/ledger', async (request, reply) => {
    const { after, limit } = pageOf(request, 1_000);
    const page = ledger.page(after, limit);
    if (request.headers.accept !== 'application/x-ndjson') return page;
    return reply.type('application/x-ndjson').send(page.entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  });
  app.get('/_control/ledger/summary', async () => ledger.summary());

  app.get('/_control/mail', async (request) => {
    const { after, limit } = pageOf(request, 200);
    const to = query(request, 'to');
    const found = mail.messages.filter((message) => to === undefined || message.to.includes(to)).slice(after);
    return { count: mail.messages.length, messages: found.slice(0, limit), next: found.length > limit ? after + limit : null };
  });
  app.get('/_control/mail/:id', async (request, reply) => mail.messages[Number(param(request, 'id')) - 1] ?? missing(reply, 'no such message'));
}
