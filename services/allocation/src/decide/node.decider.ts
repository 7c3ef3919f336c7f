/*
 * The breaker of a node (ALC-06). Three late deliveries in a row open it; two hours later one order may try it.
 *
 * state     late delivery          delivery in time   its time is over       probe's parcel leaves   probe late, cancelled, too slow
 * TAKING    3rd in a row → OUT     row ends           –                      –                       –
 * OUT       –                      –                  → PROBING (no probe)   –                       –
 * PROBING   of the probe → OUT     –                  drops the probe        → TAKING                late → OUT, else no probe
 *
 * Lateness of parcels that left before the trip says nothing new, so OUT and PROBING do not count it. A probe is judged by
 * its parcel leaving, the part of the way that the node is answerable for: waiting for its delivery would keep the node
 * out for days. SUSPENDED by hand stands beside all of that and wins.
 */
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import { dayOf, nextDay } from '@flotilla/values';
import type { NodeEvent } from './node.events.js';

interface Named {
  readonly warehouse: string;
  /** Business time. */
  readonly at: string;
}

interface Fact extends Named {
  readonly foId: string;
  readonly parcelId: string;
}

export type NodeCommand =
  /** `contact`: who is in charge of the node, told if it trips. */
  | { readonly type: 'NoteLate'; readonly data: Fact & { readonly contact: string } }
  | { readonly type: 'NoteOnTime'; readonly data: Fact }
  | { readonly type: 'NoteLeft'; readonly data: Fact }
  | { readonly type: 'StartProbe'; readonly data: Named & { readonly foId: string } }
  | { readonly type: 'DropProbe'; readonly data: Named & { readonly foId: string; readonly cause: string } }
  /** A timer: OUT may be over, or a probe too slow. */
  | { readonly type: 'LookAtNode'; readonly data: Named }
  /** Its midnight is over. */
  | { readonly type: 'BeginDay'; readonly data: Named & { readonly zone: string } }
  | { readonly type: 'SuspendNode' | 'ResumeNode'; readonly data: Named & { readonly reason: string; readonly by: string } };

export interface NodeState {
  readonly state: 'TAKING' | 'OUT' | 'PROBING';
  /** Somebody's reason; "" = nobody suspended it. */
  readonly suspended: string;
  readonly row: number;
  readonly trip: number;
  /** Of OUT and of a probe, business time. */
  readonly until: string;
  readonly probe: string;
  /** The day that has begun, YYYY-MM-DD; "" = it takes any number of orders. */
  readonly day: string;
}

/** Late deliveries in a row that open the breaker. */
export const LATE_IN_A_ROW = 3;
const OUT_MS = 2 * 3_600_000;
const PROBE_MS = 24 * 3_600_000;

const initial: NodeState = { state: 'TAKING', suspended: '', row: 0, trip: 0, until: '', probe: '', day: '' };
const later = (at: string, ms: number): string => new Date(Date.parse(at) + ms).toISOString();

const evolve = (state: NodeState, event: NodeEvent): NodeState => {
  switch (event.type) {
    case 'LatenessNoted':
      return { ...state, row: event.data.row };
    case 'LatenessEnded':
      return { ...state, row: 0 };
    case 'NodeTripped':
      return { ...state, state: 'OUT', trip: event.data.trip, until: event.data.until, probe: '', row: 0 };
    case 'NodeHalfOpened':
      return { ...state, state: 'PROBING', until: '', probe: '' };
    case 'ProbeStarted':
      return { ...state, probe: event.data.foId, until: event.data.until };
    case 'ProbeDropped':
      return { ...state, probe: '', until: '' };
    case 'NodeRestored':
      return { ...state, state: 'TAKING', until: '', probe: '', row: 0 };
    case 'NodeDayBegan':
      return { ...state, day: event.data.day };
    case 'NodeSuspended':
      return { ...state, suspended: event.data.reason };
    case 'NodeResumed':
      return { ...state, suspended: '' };
    default:
      return state;
  }
};

const tripped = ({ warehouse, at }: Named, state: NodeState, row: number, contact: string): NodeEvent => ({
  type: 'NodeTripped',
  data: { warehouse, trip: state.trip + 1, lateInARow: row, until: later(at, OUT_MS), contact },
});

const noteLate = ({ data }: Of<NodeCommand, 'NoteLate'>, state: NodeState): readonly NodeEvent[] => {
  const { warehouse, foId, parcelId, contact } = data;
  if (state.state !== 'TAKING') return state.probe === foId ? [tripped(data, state, 1, contact)] : [];
  const row = state.row + 1;
  const noted: NodeEvent = { type: 'LatenessNoted', data: { warehouse, foId, parcelId, row } };
  return row < LATE_IN_A_ROW ? [noted] : [noted, tripped(data, state, row, contact)];
};

const look = ({ data: { warehouse, at } }: Of<NodeCommand, 'LookAtNode'>, { state, until, trip, probe }: NodeState): readonly NodeEvent[] => {
  if (until === '' || at < until) return [];
  if (state === 'OUT') return [{ type: 'NodeHalfOpened', data: { warehouse, trip } }];
  return probe === '' ? [] : [{ type: 'ProbeDropped', data: { warehouse, trip, foId: probe, cause: 'TOO_SLOW' } }];
};

const decide = (command: NodeCommand, state: NodeState): readonly NodeEvent[] => {
  const { warehouse } = command.data;
  switch (command.type) {
    case 'NoteLate':
      return noteLate(command, state);
    case 'NoteOnTime':
      return state.row > 0 && state.state === 'TAKING' ? [{ type: 'LatenessEnded', data: { warehouse, parcelId: command.data.parcelId } }] : [];
    case 'NoteLeft':
      return state.probe !== '' && state.probe === command.data.foId ? [{ type: 'NodeRestored', data: { warehouse, trip: state.trip, by: 'rule:probe' } }] : [];
    case 'StartProbe':
      if (standing(state) !== 'PROBING') throw new Refused('CONFLICT', `${warehouse} is not waiting for an order to try it`);
      return [{ type: 'ProbeStarted', data: { warehouse, trip: state.trip, foId: command.data.foId, until: later(command.data.at, PROBE_MS) } }];
    case 'DropProbe':
      return state.probe !== '' && state.probe === command.data.foId ? [{ type: 'ProbeDropped', data: { warehouse, trip: state.trip, foId: state.probe, cause: command.data.cause } }] : [];
    case 'LookAtNode':
      return look(command, state);
    case 'BeginDay': {
      const { at, zone } = command.data;
      const day = dayOf(at, zone);
      return day > state.day ? [{ type: 'NodeDayBegan', data: { warehouse, day, until: nextDay(at, zone) } }] : [];
    }
    case 'SuspendNode':
      return state.suspended === command.data.reason ? [] : [{ type: 'NodeSuspended', data: { warehouse, reason: command.data.reason } }];
    case 'ResumeNode':
      return [
        ...(state.suspended === '' ? [] : [{ type: 'NodeResumed' as const, data: { warehouse, reason: command.data.reason } }]),
        ...(state.state === 'TAKING' ? [] : [{ type: 'NodeRestored' as const, data: { warehouse, trip: state.trip, by: command.data.by } }]),
      ];
    default:
      return unreachable(command);
  }
};

/** How a node stands to a new order: TAKING takes it, PROBING takes one if nobody tries it yet, the others take none. */
export type Standing = 'TAKING' | 'PROBING' | 'PROBED' | 'OUT' | 'SUSPENDED';

export const standing = ({ suspended, state, probe }: NodeState): Standing => (suspended !== '' ? 'SUSPENDED' : state === 'PROBING' && probe !== '' ? 'PROBED' : state);

/** Whether a node may be asked: its breaker, its probe, and a person's word. */
export const node: Decider<NodeState, NodeCommand, NodeEvent> = { category: 'node', initial, evolve, decide };
