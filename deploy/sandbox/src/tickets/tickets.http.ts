import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { BadRequest, body, pageOf } from '../control/reply.js';
import { answer, type Answer } from '../faults/answer.js';
import type { Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import { receiverSecret, signedWebhook } from '../people/signatures.js';
import { TicketDesk } from './tickets.js';

const said = z.object({
  type: z.string().startsWith('alerts.ticket.'),
  data: z.object({
    ticketId: z.uuid(), eventId: z.string().min(1), kind: z.enum(['raised', 'escalated', 'acknowledged', 'cleared']), sequence: z.int().min(1), severity: z.string(), level: z.int(), acknowledgedBy: z.string(),
  }),
});

const json = (content: object, status = 200): Answer => ({ status, body: JSON.stringify(content) });

/** The ticket system of customer service: signed events of incidents make its tickets. What comes before its ticket was opened, or after it was closed, is 404. */
export function ticketsApi(app: FastifyInstance, options: { faults: Faults; ledger: Ledger }): void {
  const { faults, ledger } = options;
  const desk = new TicketDesk();
  const limited = (): Answer => ({ status: 429, body: '{}', headers: { 'retry-after': '1' } });

  app.post('/tickets/:name', async (request, reply) => {
    const noted = (status: string): void => void ledger.note({ world: 'tickets', direction: 'in', kind: 'tickets.post', deliveryId: String(request.headers['webhook-id'] ?? ''), status });
    return answer({ faults, target: 'tickets', operation: 'tickets.post', reply, limited, noted }, () => {
      if (!signedWebhook(receiverSecret, request)) return json({ error: 'signature' }, 401);
      if (faults.strike('tickets', 'tickets.post', ['refuse'])) return json({ error: 'gone' }, 410);
      try {
        const { data } = body(request, said);
        if (data.eventId !== request.headers['webhook-id']) return json({ error: 'eventId is not the webhook’s id' }, 422);
        return desk.take(data, String(request.body)) ? json({ ticket: data.ticketId }) : json({ error: 'no such ticket' }, 404);
      } catch (error) {
        if (error instanceof BadRequest) return json({ error: error.message }, 422);
        throw error;
      }
    });
  });

  app.get('/_control/tickets', async (request) => {
    const { after, limit } = pageOf(request, 500);
    return { tickets: desk.tickets().slice(-limit), deliveries: desk.deliveries(after).slice(0, limit) };
  });
}
