import type { alerts } from '@flotilla/contracts';
import type { Handed, Mail, Mailer } from '@flotilla/notify';
import type { OutsideOptions } from '@flotilla/service-kit';
import type { z } from 'zod';
import type { Severity, Words } from '../../decide/rules.js';
import type { Change } from '../../decide/ticket.decider.js';

export type Language = 'zh' | 'en';

/** What a message says, ready to be laid out: personal values masked, nothing of a provider's form in it. */
export interface Told {
  readonly messageId: string;
  /** Refusals before this try: a provider that remembers ids must get another one after it refused. */
  readonly refusals: number;
  readonly language: Language;
  readonly severity: Severity;
  /** One line for all of it. */
  readonly headline: string;
  readonly sections: readonly Section[];
  /** Incidents that no section lists. */
  readonly more: number;
  readonly at: string;
  /** For a ticket system: the change of the one incident in it. */
  readonly ticket?: TicketTold;
}

/** How an incident stands after a change of it, in both languages. */
export interface TicketTold extends Change {
  readonly incidentId: string;
  readonly rule: string;
  readonly subjectKind: string;
  readonly subjectId: string;
  readonly title: Words;
  readonly detail: Words;
  readonly raisedAt: string;
  readonly orders: readonly alerts.IncidentOrder[];
}

/** The incidents of one rule. */
export interface Section {
  readonly rule: string;
  readonly title: string;
  readonly items: readonly { readonly incidentId: string; readonly subjectKind: string; readonly subjectId: string; readonly detail: string; readonly raisedAt: string; readonly level: number }[];
}

export interface ChannelManifest {
  /** The folder's name. */
  readonly name: string;
  readonly title: Words;
  /** Whether a second copy of a message can be told from the first, so that a lost answer may be followed by a repeat. */
  readonly repeatable: boolean;
  /** It is a program that keeps tickets: told of every change of an incident by itself, in order, instead of what people have to look at. */
  readonly tickets?: boolean;
  readonly outside: OutsideOptions;
}

export interface ChannelOptions<Account> {
  readonly account: Account;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => Date;
  readonly mailer: Mailer;
}

/** A connected target. */
export interface ChannelPort {
  send(told: Told): Promise<Handed>;
  /** Takes the paper of a day; only where a target asked for it. */
  readonly post?: (mail: Mail) => Promise<Handed>;
}

/** A way to reach people, or the program in which they work: one folder of this shape and one line in the registry. */
export interface Channel<Shape extends z.ZodObject = z.ZodObject> {
  readonly manifest: ChannelManifest;
  /** What the targets file says of one target beside its name: addresses and secrets. */
  readonly account: Shape;
  /** The sandbox's well-known account at this address. */
  readonly sandbox: (url: string) => z.input<Shape>;
  connect(options: ChannelOptions<z.infer<Shape>>): ChannelPort;
}

/** Keeps the account's type for `connect`. */
export const channel = <Shape extends z.ZodObject>(one: Channel<Shape>): Channel => one as unknown as Channel;
