import { createHash } from 'node:crypto';
import type { Decider } from '@flotilla/decider';
import type pg from 'pg';
import type { EventStore } from './store.js';
import type { Meta } from './types.js';

/** The log up to `position` in one hash. Published, it makes a later rewrite of any event and all hashes after it visible. */
export interface Anchor {
  readonly service: string;
  readonly position: number;
  /** Events up to there. */
  readonly events: number;
  /** Hex; see `logRoot`. */
  readonly root: string;
  readonly anchoredAt: string;
}

export type AnchorCommand = { readonly type: 'AnchorLog'; readonly data: Anchor };
export type AnchorEvent = { readonly type: 'LogAnchored'; readonly data: Anchor };

/** Stream `anchor-log`: the anchors of this database's log, oldest first. Relayed like any event. */
export const anchors: Decider<Anchor | null, AnchorCommand, AnchorEvent> = {
  category: 'anchor',
  initial: null,
  evolve: (_, event) => event.data,
  decide: (command, last) => (last && command.data.position <= last.position ? [] : [{ type: 'LogAnchored', data: command.data }]),
};
export const ANCHOR_ID = 'log';

const PAGE = 5_000;

/**
 * The rolling hash over the log in position order: root = sha256(root before ‖ hash of the event), from `after` (whose root
 * was `before`; 0 and '' at the beginning) to `upTo` or the head.
 */
export const logRoot = async (
  db: pg.Pool | pg.ClientBase,
  { after = 0, before = '', upTo = Number.MAX_SAFE_INTEGER }: { readonly after?: number; readonly before?: string; readonly upTo?: number } = {},
): Promise<{ readonly position: number; readonly events: number; readonly root: string }> => {
  // What is archived has its root in es.archive.
  const cut = after > 0 ? undefined : (await db.query<{ last: string; root: string; events: string }>(
    'SELECT last, root, (SELECT sum(events) FROM es.archive o WHERE o.partition <= a.partition) AS events FROM es.archive a WHERE last <= $1 ORDER BY partition DESC LIMIT 1', [upTo],
  )).rows[0];
  let root = Buffer.from(cut?.root ?? before, 'hex');
  let position = Number(cut?.last ?? after);
  let events = Number(cut?.events ?? 0);
  for (;;) {
    const { rows } = await db.query<{ position: string; hash: Buffer }>({
      name: 'es-root',
      text: `SELECT position, hash FROM es.event WHERE position > $1 AND position <= $2 ORDER BY position LIMIT ${PAGE}`,
      values: [position, upTo],
    });
    for (const row of rows) {
      root = createHash('sha256').update(root).update(row.hash).digest();
      position = Number(row.position);
    }
    events += rows.length;
    if (rows.length < PAGE) return { position, events, root: root.toString('hex') };
  }
};

/**
 * Appends an anchor over what was added since the last one; `undefined` if that is nothing but the last anchor itself.
 * Call it hourly; two processes at once make one anchor.
 */
export const anchorLog = async (options: {
  readonly pool: pg.Pool;
  readonly store: EventStore;
  readonly service: string;
  readonly at: string;
  readonly meta: Meta;
}): Promise<Anchor | undefined> => {
  const { pool, store, service, at, meta } = options;
  const last = (await store.folded(anchors, [ANCHOR_ID])).get(ANCHOR_ID)?.state;
  const { position, events, root } = await logRoot(pool, last ? { after: last.position, before: last.root } : {});
  if (events === 0 || (last && events === 1)) return undefined;
  const anchor: Anchor = { service, position, events: (last?.events ?? 0) + events, root, anchoredAt: at };
  const { answer } = await store.execute({
    streams: [[anchors, ANCHOR_ID]],
    meta,
    // Another process may have anchored meanwhile: its anchor stands.
    decide: (unit) => unit.run(anchors, ANCHOR_ID, { type: 'AnchorLog', data: anchor }).length > 0,
  });
  return answer ? anchor : undefined;
};
