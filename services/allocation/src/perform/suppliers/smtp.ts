import { createTransport } from 'nodemailer';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The same for a second copy. */
  readonly messageId: string;
}

/** `again`: the server certainly did not take it, and may the next time. */
export type Handed = { readonly sent: true } | { readonly sent: false; readonly again: boolean; readonly detail: string };

export interface Mailer {
  send(mail: Mail): Promise<Handed>;
  close(): void;
}

/** Hands messages to an SMTP server (`smtp://user:secret@host:port`). What it says holds addresses: codes alone are kept. */
export const createMailer = (url: string, from: string): Mailer => {
  const transport = createTransport(url.includes('?') ? `${url}&pool=true` : `${url}?pool=true&maxConnections=2&connectionTimeout=5000&greetingTimeout=5000&socketTimeout=15000`, { from });
  return {
    send: async (mail) => {
      try {
        await transport.sendMail({ ...mail, headers: { 'Auto-Submitted': 'auto-generated' } });
        return { sent: true };
      } catch (error) {
        const { code = 'UNKNOWN', command = '', responseCode } = error as { readonly code?: string; readonly command?: string; readonly responseCode?: number };
        const before = code === 'ECONNECTION' || code === 'EDNS' || code === 'EAUTH' || command === 'CONN';
        return { sent: false, again: before || (responseCode !== undefined && responseCode >= 400 && responseCode < 500), detail: [responseCode, code, command].filter(Boolean).join(' ') };
      }
    },
    close: () => transport.close(),
  };
};
