import { z } from 'zod';
import { channel, type TicketTold } from '../channel.js';
import { post, receiver, sandboxSecret } from '../standard-webhook.js';
import { manifest } from './manifest.js';

const states: Readonly<Record<TicketTold['kind'], string>> = { raised: 'open', escalated: 'open', acknowledged: 'acknowledged', cleared: 'closed' };

/** A ticket system: every change of an incident, so that a ticket is opened, updated and closed. */
export const tickets = channel({
  manifest,
  account: receiver.extend({
    /** Where people look at incidents: `<console>/incidents/<id>` becomes the link of a ticket. */
    console: z.url().optional(),
  }),
  sandbox: (url) => ({ url: `${url}/tickets/desk`, secret: sandboxSecret, console: 'https://console.flotilla.test' }),
  connect: ({ account: { console, ...account }, ...rest }) => ({
    send: async ({ messageId, severity, ticket }) => {
      if (!ticket) throw new Error('a ticket system is told of changes alone');
      const { incidentId, at, ...of } = ticket;
      const link = console === undefined ? '' : `${console.replace(/\/+$/, '')}/incidents/${incidentId}`;
      return post({ account, ...rest }, messageId, { type: `alerts.ticket.${of.kind}`, timestamp: at, data: { ticketId: incidentId, eventId: messageId, state: states[of.kind], severity, ...of, link } });
    },
  }),
});
