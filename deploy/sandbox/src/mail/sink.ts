import { SMTPServer } from 'smtp-server';
import { sleep } from '../clock.js';
import { ANSWERING, type Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import { readHeaders } from './headers.js';

/** A message that the outside world has received. */
export interface ReceivedMail {
  id: number;
  at: string;
  from: string;
  to: string[];
  subject: string;
  headers: Record<string, string>;
  raw: string;
}

/** The world's mail server: takes everything, keeps it in memory, refuses on demand. */
export class MailSink {
  readonly messages: ReceivedMail[] = [];
  readonly #server: SMTPServer;
  port = 0;

  constructor(options: { faults: Faults; ledger: Ledger }) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      size: 4 * 1024 * 1024,
      closeTimeout: 500,
      logger: false,
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const note = (status: string): void =>
            void options.ledger.note({ world: 'mail', direction: 'in', kind: 'mail', deliveryId: headers['message-id'] ?? '', status });
          const raw = Buffer.concat(chunks).toString('utf8');
          const headers = readHeaders(raw);
          const keep = (): void => {
            const to = session.envelope.rcptTo.map(({ address }) => address);
            const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
            this.messages.push({ id: this.messages.length + 1, at: new Date().toISOString(), from, to, subject: headers['subject'] ?? '', headers, raw });
            note('250');
          };
          const fault = options.faults.strike('smtp', session.envelope.rcptTo[0]?.address ?? '', ANSWERING);
          switch (fault?.kind) {
            case 'error-500':
            case 'rate-limit':
              note('451');
              return done(Object.assign(new Error('4.7.0 Try again later'), { responseCode: 451 }));
            case 'timeout-after-effect':
              // Taken, and the sender never hears of it.
              return keep();
            case 'timeout-before-effect':
            case 'reset':
              return note('no answer');
            case 'slow':
              return void sleep(fault.ms ?? 2_000).then(() => {
                keep();
                done(null);
              });
            default:
              keep();
              return done(null);
          }
        });
      },
    });
    // A client that goes away in the middle is no concern of the server.
    this.#server.on('error', () => undefined);
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(error);
      this.#server.once('error', failed);
      const listener = this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', failed);
        const address = listener.address();
        this.port = typeof address === 'object' && address !== null ? address.port : port;
        resolve();
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
