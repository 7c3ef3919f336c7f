import type { Recorded, TimerChange, Unit } from '@flotilla/event-store';
import { freeze } from '../decide/freeze.decider.js';
import type { FreezeEvent } from '../decide/freeze.events.js';
import { node, standing } from '../decide/node.decider.js';
import type { NodeEvent } from '../decide/node.events.js';
import type { Snapshot } from '../decide/route.js';

/** What to look at when a node's or a freeze's time is over. Business time. */
export type NodeLook = { readonly kind: 'node'; readonly warehouse: string } | { readonly kind: 'freeze'; readonly sku: string };

const atNode = (warehouse: string, dueAt: string | null): TimerChange => ({ key: `node/${warehouse}`, dueAt, clock: 'business', data: dueAt === null ? null : { kind: 'node', warehouse } });
const atFreeze = (sku: string, dueAt: string | null): TimerChange => ({ key: `freeze/${sku}`, dueAt, clock: 'business', data: dueAt === null ? null : { kind: 'freeze', sku } });

/** A node that is out, a probe and a freeze by rule are looked at when their time is over. */
export const nodeTimers = (event: Recorded): readonly TimerChange[] => {
  const { type, data } = event as unknown as NodeEvent | FreezeEvent;
  switch (type) {
    case 'NodeTripped':
    case 'ProbeStarted':
      return [atNode(data.warehouse, data.until)];
    case 'NodeHalfOpened':
    case 'ProbeDropped':
    case 'NodeRestored':
      return [atNode(data.warehouse, null)];
    case 'SkuFrozen':
      return [atFreeze(data.sku, data.until === '' ? null : data.until)];
    case 'SkuUnfrozen':
      return [atFreeze(data.sku, null)];
    default:
      return [];
  }
};

/** Looks at a node or a freeze whose time may be over. */
export const lookAtNode = (unit: Unit, look: NodeLook, at: string): void => {
  if (look.kind === 'node') unit.run(node, look.warehouse, { type: 'LookAtNode', data: { warehouse: look.warehouse, at } });
  else unit.run(freeze, look.sku, { type: 'LookAtFreeze', data: { sku: look.sku, at } });
};

/**
 * The figures without the nodes whose one trial order is somebody else's by now. Reads only half-open nodes, so that the
 * ordinary way guards nothing more; two orders that want to try the same node meet in its stream.
 */
export const withoutTried = (unit: Unit, snapshot: Snapshot): Snapshot => {
  const tried = new Set(snapshot.warehouses.filter((site) => site.probe === true && standing(unit.state(node, site.warehouse)) !== 'PROBING').map(({ warehouse }) => warehouse));
  return tried.size === 0 ? snapshot : { ...snapshot, warehouses: snapshot.warehouses.map((site) => (tried.has(site.warehouse) ? { ...site, out: 'PROBED: another order tries it' } : site)) };
};

/** The order tries these nodes: each takes one such order at a time. */
export const tryNodes = (unit: Unit, snapshot: Snapshot, warehouses: readonly string[], foId: string, at: string): void => {
  for (const { warehouse, probe } of snapshot.warehouses) {
    if (probe === true && warehouses.includes(warehouse)) unit.run(node, warehouse, { type: 'StartProbe', data: { warehouse, foId, at } });
  }
};
