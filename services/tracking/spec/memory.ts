import { randomBytes } from 'node:crypto';
import type { AnyDecider } from '@flotilla/decider';
import type { Handed, Mail, Mailer } from '@flotilla/notify';
import type { ServiceContext } from '@flotilla/service-kit';
import { MemoryUnit } from '@flotilla/testing';
import { blindIndex, newKey, open, seal } from '@flotilla/values';
import type { ShipmentRow } from '../src/project/shipments.js';

/** What a performer or a page asks of a running service, in memory: streams, sealed values, rows of shipments, and a mail server that answers as it is told. */
export interface Memory {
  readonly ctx: ServiceContext;
  readonly unit: MemoryUnit;
  /** The newest first. */
  readonly rows: Partial<ShipmentRow>[];
  readonly mailer: Mailer;
  readonly mails: { readonly to: string; readonly mail: Mail }[];
  /** What the mail server says next; it takes what it was told nothing about. */
  readonly outcomes: Handed[];
  seal(subject: string, field: 'email' | 'phone', text: string): string;
  index(phone: string): string;
}

export const memory = (now: string): Memory => {
  const unit = new MemoryUnit();
  const [linkKey, indexKey] = [randomBytes(32), randomBytes(32)];
  const keys = new Map<string, Uint8Array>();
  const rows: Memory['rows'] = [];
  const mails: Memory['mails'] = [];
  const outcomes: Handed[] = [];
  const clock = (): Date => new Date(now);
  const ctx = {
    config: { FLOTILLA_LINK_KEY: linkKey.toString('base64') },
    clock: { business: clock, machine: clock },
    log: { warn: () => undefined },
    meta: () => ({}),
    open: (texts: readonly string[]) => Promise.resolve(texts.map((text) => open((subject) => keys.get(subject), text) ?? '')),
    index: (kind: 'phone', value: string) => blindIndex(indexKey, kind, value),
    pool: { query: (_: string, [index, most]: [string, number]) => Promise.resolve({ rows: rows.filter(({ phone_indexes = [] }) => phone_indexes.includes(index)).slice(0, most) }) },
    store: {
      execute: <T>({ decide }: { decide: (unit: MemoryUnit) => T }) => Promise.resolve({ answer: decide(unit) }),
      folded: (decider: AnyDecider, ids: readonly string[]) => Promise.resolve(new Map(ids.map((id) => [id, { state: unit.state(decider, id) }]))),
    },
  } as unknown as ServiceContext;
  return {
    ctx, unit, rows, mails, outcomes,
    mailer: {
      send: (to, mail) => {
        mails.push({ to, mail });
        return Promise.resolve(outcomes.shift() ?? { accepted: true });
      },
      close: () => undefined,
    },
    seal: (subject, field, text) => {
      const key = keys.get(subject) ?? newKey();
      keys.set(subject, key);
      return seal(key, subject, field, text);
    },
    index: (phone) => blindIndex(indexKey, 'phone', phone),
  };
};
