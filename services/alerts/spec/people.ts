import { startSandbox } from '../../../deploy/sandbox/src/app.js';
import { readConfig } from '../../../deploy/sandbox/src/config.js';

/** Something that somebody in the sandbox was told. */
export interface Told {
  readonly id: number;
  readonly way: string;
  readonly to: string;
  readonly text: string;
}

/** A ticket as the ticket system has it. */
export interface Ticket {
  readonly ticketId: string;
  readonly state: string;
  readonly assignee: string;
  readonly kinds: readonly string[];
}

/** The sandbox's people: robots, phones, a webhook's receiver, a ticket system and a mail server, driven as anybody would. */
export interface People {
  readonly url: string;
  readonly smtp: string;
  /** What was read, by mail (way `mail`) or otherwise. */
  told(way: string): Promise<readonly Told[]>;
  fault(fault: { readonly target: string; readonly kind: string; readonly ms?: number; readonly count?: number; readonly operation?: string }): Promise<void>;
  /** The tickets of the ticket system. */
  tickets(): Promise<readonly Ticket[]>;
  /** How often the faults of a target have struck. */
  struck(target: string): Promise<number>;
  calm(): Promise<void>;
  close(): Promise<void>;
}

export const startPeople = async (): Promise<People> => {
  const sandbox = await startSandbox(readConfig({ FLOTILLA_HTTP_PORT: '0', FLOTILLA_SMTP_PORT: '0' }));
  const url = `http://127.0.0.1:${sandbox.httpPort}`;
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(url + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    url,
    smtp: `smtp://127.0.0.1:${sandbox.smtpPort}`,
    told: async (way) => {
      if (way === 'tickets') return (await call<{ deliveries: readonly Omit<Told, 'way'>[] }>('GET', '/_control/tickets')).deliveries.map((one) => ({ ...one, way }));
      if (way !== 'mail') return (await call<{ told: readonly Told[] }>('GET', `/_control/people?way=${way === 'webhook' ? 'receiver' : way}`)).told;
      const { messages } = await call<{ messages: readonly { id: number; to: string[]; subject: string; raw: string; headers: Record<string, string> }[] }>('GET', '/_control/mail');
      return messages.map(({ id, to, raw }) => ({ id, way: 'mail', to: to.join(), text: raw }));
    },
    tickets: async () => (await call<{ tickets: readonly Ticket[] }>('GET', '/_control/tickets')).tickets,
    fault: async (fault) => void (await call('POST', '/_control/faults', fault)),
    struck: async (target) => (await call<{ faults: readonly { target: string; hits: number }[] }>('GET', '/_control/faults')).faults.filter((one) => one.target === target).reduce((sum, { hits }) => sum + hits, 0),
    calm: async () => {
      await call('DELETE', '/_control/faults');
      await call('DELETE', '/_control/people/limits');
    },
    close: () => sandbox.close(),
  };
};
