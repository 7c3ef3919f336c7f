import { createTransport } from 'nodemailer';
import type { Mail } from './mail.js';

/** How a handing-over ended. `certain` = the server did not take it; `final` = it would not take it the next time either. */
export type Handed = { readonly accepted: true } | { readonly accepted: false; readonly certain: boolean; readonly final: boolean; readonly detail: string };

export interface Mailer {
  send(to: string, mail: Mail): Promise<Handed>;
  close(): void;
}

interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

// The server's words hold the address: what is kept is the code and the command alone.
const outcomeOf = ({ code = 'UNKNOWN', command = '', responseCode }: SmtpError): Handed => {
  const detail = [responseCode, code, command].filter((part) => part !== undefined && part !== '').join(' ');
  if (responseCode !== undefined && responseCode >= 400) return { accepted: false, certain: true, final: responseCode >= 500, detail };
  // Before the message itself was on its way nothing can have been taken.
  const before = code === 'ECONNECTION' || code === 'EDNS' || code === 'EAUTH' || code === 'EENVELOPE' || command === 'CONN';
  return { accepted: false, certain: before, final: code === 'EENVELOPE', detail };
};

/** Hands messages to an SMTP server (`smtp://user:secret@host:port`), over a few connections that are kept. */
export const createMailer = (url: string, from: string): Mailer => {
  const transport = createTransport(url.includes('?') ? `${url}&pool=true` : `${url}?pool=true&maxConnections=4&connectionTimeout=5000&greetingTimeout=5000&socketTimeout=15000`, { from });
  return {
    send: async (to, { subject, text, html, messageId }) => {
      try {
        await transport.sendMail({ to, subject, text, html, messageId, headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' } });
        return { accepted: true };
      } catch (error) {
        return outcomeOf(error as SmtpError);
      }
    },
    close: () => transport.close(),
  };
};
