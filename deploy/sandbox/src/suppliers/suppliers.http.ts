import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { body, missing, param } from '../control/reply.js';
import type { Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import { FileSupplier } from './supplier.js';

const work = z.strictObject({ answer: z.enum(['ACCEPTED', 'REFUSED']).default('ACCEPTED'), reason: z.string().default('OTHER') });
const file = z.strictObject({ name: z.string().regex(/^[\w.-]+$/), text: z.string() });

/** Suppliers that have files alone; their levers are below `/_control/suppliers`. */
export function suppliersApi(app: FastifyInstance, options: { password: string; faults: Faults; ledger: Ledger }): { close(): Promise<void> } {
  const suppliers = new Map<string, FileSupplier>();
  app.put('/_control/suppliers/:supplier', async (request, reply) => {
    const id = param(request, 'supplier');
    const supplier = suppliers.get(id) ?? (await FileSupplier.open(id, options.password, options));
    suppliers.set(id, supplier);
    return reply.code(201).send({ supplier: id, sftpPort: supplier.server.port, hostKey: supplier.server.hostKey });
  });
  // What the people over there do: take the orders that lie there, and answer them.
  app.post('/_control/suppliers/:supplier/work', async (request, reply) => {
    const supplier = suppliers.get(param(request, 'supplier'));
    if (!supplier) return missing(reply, 'no such supplier');
    const { answer, reason } = body(request, work);
    return { taken: supplier.work(answer, reason) };
  });
  app.post('/_control/suppliers/:supplier/files', async (request, reply) => {
    const supplier = suppliers.get(param(request, 'supplier'));
    if (!supplier) return missing(reply, 'no such supplier');
    const { name, text } = body(request, file);
    supplier.put(name, text);
    return reply.code(201).send({ name });
  });
  app.get('/_control/suppliers/:supplier/files', async (request, reply) => {
    const supplier = suppliers.get(param(request, 'supplier'));
    return supplier ? { files: supplier.server.list() } : missing(reply, 'no such supplier');
  });
  return { close: async () => void (await Promise.all([...suppliers.values()].map((supplier) => supplier.close()))) };
}
