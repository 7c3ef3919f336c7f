import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { body, missing, pageOf, param } from '../control/reply.js';
import { answer, type Answer } from '../faults/answer.js';
import type { Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import { House, type HouseLock } from './house.js';
import { StockPushes } from './pushes.js';
import { sameText, signCall } from './signature.js';
import { startSftp, type SftpSite } from './sftp.js';

const line = z.object({ sku: z.string(), quantity: z.number().int().positive() });
const lockBody = z.object({ reference: z.string(), lines: z.array(line).min(1), keepUntil: z.iso.datetime() });
const fenceBody = z.object({ fence: z.number(), parcelId: z.string().default('') });
const setup = z.strictObject({ meaning: z.enum(['PHYSICAL', 'SELLABLE']).default('PHYSICAL'), deltas: z.boolean().default(false), careless: z.boolean().default(false), push: z.boolean().default(true), sftp: z.boolean().default(false) });
const receipt = z.strictObject({ sku: z.string().min(1), quantity: z.number().int() });
const file = z.strictObject({ name: z.string().regex(/^[\w.-]+$/), text: z.string() });

// Calls older or younger than this are taken for replays.
const WINDOW_MS = 300_000;

/** A third party's warehouses: `/wms/<warehouse>/v1`, signed; its levers are below `/_control/wms`. */
export function wmsApi(app: FastifyInstance, options: { key: string; secret: string; allocationUrl: string; faults: Faults; ledger: Ledger }): { close(): Promise<void> } {
  const { key, secret, faults, ledger } = options;
  const houses = new Map<string, House>();
  const sites = new Map<string, SftpSite>();
  const meanings = new Map<string, 'PHYSICAL' | 'SELLABLE'>();
  const pushes = new StockPushes(options);

  const signed = (request: FastifyRequest): boolean => {
    const [given, timestamp, signature] = ['x-wms-key', 'x-wms-timestamp', 'x-wms-signature'].map((name) => String(request.headers[name] ?? ''));
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const fresh = Math.abs(Date.now() - Number(timestamp)) <= WINDOW_MS;
    return fresh && sameText(given!, key) && sameText(signature!, signCall(secret, request.method, request.url, timestamp!, bytes));
  };
  const toAnswer = (lock: HouseLock | undefined): Answer => {
    if (!lock) return { status: 404, body: JSON.stringify({ error: 'LOCK_NOT_FOUND' }) };
    const { id, state, fence, position, free } = lock;
    return { status: state === 'REFUSED' ? 409 : 200, body: JSON.stringify({ lock: { id, state, fence, position, ...(state === 'REFUSED' ? { reason: 'SHORT', free } : {}) } }) };
  };
  const serve = (method: 'GET' | 'PUT' | 'POST', path: string, operation: string, act: (house: House, id: string, request: FastifyRequest) => HouseLock | undefined): void => {
    app.route({
      method,
      url: `/wms/:warehouse/v1${path}`,
      handler: async (request, reply): Promise<FastifyReply> => {
        const [warehouse, id] = [param(request, 'warehouse'), param(request, 'id')];
        const house = houses.get(warehouse);
        const noted = (status: string): void => void ledger.note({ world: 'wms', direction: 'in', kind: operation, channel: warehouse, orderId: id, status });
        if (!signed(request)) {
          noted('401');
          return reply.code(401).send({ error: 'SIGNATURE' });
        }
        if (!house) return missing(reply, 'no such warehouse');
        const refuse = faults.strike('wms', operation, ['refuse'], id);
        const limited = (): Answer => ({ status: 429, body: JSON.stringify({ error: 'TOO_MANY' }) });
        return answer({ faults, target: 'wms', operation, orderId: id, reply, limited, noted }, () => {
          if (refuse && !house.find(id)) return toAnswer(house.refuse(id));
          return toAnswer(act(house, id, request));
        });
      },
    });
  };
  serve('PUT', '/locks/:id', 'locks.put', (house, id, request) => {
    const { reference, lines, keepUntil } = body(request, lockBody);
    return house.lock(id, reference, lines, Date.parse(keepUntil));
  });
  serve('GET', '/locks/:id', 'locks.get', (house, id) => house.find(id));
  serve('POST', '/locks/:id/confirm', 'locks.confirm', (house, id, request) => house.confirm(id, body(request, fenceBody).fence));
  serve('POST', '/locks/:id/release', 'locks.release', (house, id) => house.release(id));
  serve('POST', '/locks/:id/consume', 'locks.consume', (house, id, request) => {
    const { fence, parcelId } = body(request, fenceBody);
    return house.consume(id, fence, parcelId);
  });
  app.get('/wms/:warehouse/v1/stock', async (request, reply) => {
    const house = houses.get(param(request, 'warehouse'));
    if (!signed(request)) return reply.code(401).send({ error: 'SIGNATURE' });
    if (!house) return missing(reply, 'no such warehouse');
    const { after, limit } = pageOf(request, 500);
    const meaning = meanings.get(house.id) ?? 'PHYSICAL';
    const skus = [...house.shelves.keys()].toSorted();
    const items = skus.slice(after, after + limit).map((sku) => ({ sku, quantity: meaning === 'PHYSICAL' ? house.shelf(sku).physical : house.sellable(sku), unsellable: house.shelf(sku).unsellable, position: house.shelf(sku).position }));
    return { meaning, items, next: after + limit < skus.length ? after + limit : null };
  });

  app.put('/_control/wms/:warehouse', async (request, reply) => {
    const { meaning, deltas, careless, push, sftp } = body(request, setup);
    const house = new House(param(request, 'warehouse'), careless);
    houses.set(house.id, house);
    meanings.set(house.id, meaning);
    if (push) pushes.follow(house, meaning, deltas);
    if (sftp && !sites.has(house.id)) sites.set(house.id, await startSftp(house.id, secret));
    const site = sites.get(house.id);
    return reply.code(201).send({ warehouse: house.id, ...(site ? { sftpPort: site.port, hostKey: site.hostKey } : {}) });
  });
  app.post('/_control/wms/:warehouse/receive', async (request, reply) => {
    const house = houses.get(param(request, 'warehouse'));
    if (!house) return missing(reply, 'no such warehouse');
    const { sku, quantity } = body(request, receipt);
    house.receive(sku, quantity);
    return house.shelf(sku);
  });
  // What the people over there do with the files: take in what came, put out what they count.
  app.post('/_control/wms/:warehouse/files/work', async (request, reply) => {
    const [house, site] = [houses.get(param(request, 'warehouse')), sites.get(param(request, 'warehouse'))];
    return house && site ? { worked: site.work(house) } : missing(reply, 'no such warehouse with files');
  });
  app.post('/_control/wms/:warehouse/files', async (request, reply) => {
    const site = sites.get(param(request, 'warehouse'));
    if (!site) return missing(reply, 'no such warehouse with files');
    const { name, text } = body(request, file);
    site.put(name, text);
    return reply.code(201).send({ name });
  });
  app.get('/_control/wms/:warehouse/files', async (request, reply) => {
    const site = sites.get(param(request, 'warehouse'));
    return site ? { files: site.list() } : missing(reply, 'no such warehouse with files');
  });
  app.get('/_control/wms/:warehouse/ledger', async (request, reply) => {
    const house = houses.get(param(request, 'warehouse'));
    if (!house) return missing(reply, 'no such warehouse');
    return { position: house.position, shelves: Object.fromEntries(house.shelves), locks: [...house.locks.values()] };
  });
  return {
    close: async () => {
      pushes.stop();
      await Promise.all([...sites.values()].map((site) => site.close()));
    },
  };
}
