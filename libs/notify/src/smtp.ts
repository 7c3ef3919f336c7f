import { createTransport } from 'nodemailer';
import type { Handed } from './handed.js';

/** A message as it is sent, but for its address. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** The same for a second copy, so that it can be told from the first. */
  readonly messageId: string;
  readonly attachments?: readonly { readonly filename: string; readonly contentType: string; readonly content: Uint8Array }[];
  /** Where one click ends these messages (RFC 8058). */
  readonly unsubscribe?: string;
}

export interface Mailer {
  send(to: string, mail: Mail): Promise<Handed>;
  close(): void;
}

interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  /** `connect`: nobody was reached. */
  readonly syscall?: string;
  /** Which wait was too long. */
  readonly timeoutType?: string;
}

// The server's words hold the address: what is kept is the code and the command alone.
const outcomeOf = ({ code = 'UNKNOWN', command = '', responseCode, syscall, timeoutType }: SmtpError): Handed => {
  const detail = [responseCode, code, command].filter((part) => part !== undefined && part !== '').join(' ');
  if (responseCode !== undefined && responseCode >= 400) return { accepted: false, certain: true, final: responseCode >= 500, detail };
  // Before the message itself was on its way nothing can have been taken. The command says nothing about that: nodemailer names CONN for whatever
  // breaks a connection, after the message too.
  const unreached = syscall === 'connect' || (timeoutType !== undefined && timeoutType !== 'SOCKET_TIMEOUT');
  const before = code === 'EDNS' || code === 'EAUTH' || code === 'EENVELOPE' || unreached;
  return { accepted: false, certain: before, final: code === 'EENVELOPE', detail };
};

/** Hands messages to an SMTP server (`smtp://user:secret@host:port`), over a few connections that are kept. */
export const createMailer = (url: string, from: string): Mailer => {
  const transport = createTransport(url.includes('?') ? `${url}&pool=true` : `${url}?pool=true&maxConnections=4&connectionTimeout=5000&greetingTimeout=5000&socketTimeout=15000`, { from });
  return {
    send: async (to, { subject, text, html, messageId, attachments = [], unsubscribe }) => {
      try {
        const unsubscribing = unsubscribe === undefined ? {} : { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
        await transport.sendMail({
          to,
          subject,
          text,
          ...(html === undefined ? {} : { html }),
          messageId,
          attachments: attachments.map(({ content, ...file }) => ({ ...file, content: Buffer.from(content) })),
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', ...unsubscribing },
        });
        return { accepted: true };
      } catch (error) {
        return outcomeOf(error as SmtpError);
      }
    },
    close: () => transport.close(),
  };
};
