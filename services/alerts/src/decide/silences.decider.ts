import type { alerts } from '@flotilla/contracts';
import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';

export type SilencesCommand =
  | { readonly type: 'Add'; readonly data: alerts.Silence & { readonly now: string } }
  | { readonly type: 'Lift'; readonly data: { readonly silenceId: string; readonly by: string; readonly now: string } };

export type SilencesEvent =
  | { readonly type: 'SilenceAdded'; readonly data: alerts.Silence & { readonly at: string } }
  | { readonly type: 'SilenceLifted'; readonly data: { readonly silenceId: string; readonly by: string; readonly at: string } };

export interface Silences {
  readonly all: readonly alerts.Silence[];
}

/** The id of the one stream of silences, `silences-all`. */
export const SILENCES = 'all';
const most = 200;
const longestMs = 30 * 86_400_000;

/** Those that hold at this instant. */
export const holding = ({ all }: Silences, now: string): readonly alerts.Silence[] => all.filter(({ until }) => until > now);

/** The silence that covers an incident, the one that lasts longest. */
export const silenceOf = (silences: Silences, { rule, subjectId }: Pick<alerts.IncidentRaised, 'rule' | 'subjectId'>, now: string): alerts.Silence | undefined =>
  holding(silences, now)
    .filter((one) => (one.rule === '' || one.rule === rule) && (one.subjectId === '' || one.subjectId === subjectId))
    .toSorted((a, b) => (a.until > b.until ? -1 : 1))[0];

const add = ({ data: { now, ...silence } }: Of<SilencesCommand, 'Add'>, state: Silences): readonly SilencesEvent[] => {
  const { rule, subjectId, until, reason } = silence;
  if (rule === '' && subjectId === '') throw new Refused('BAD_REQUEST', 'silence a rule or a subject, not everything');
  if (rule.length > 60 || subjectId.length > 120 || reason.length > 300) throw new Refused('TOO_LARGE', 'rule has at most 60 characters, subject_id 120, reason 300');
  const ends = Date.parse(until);
  if (Number.isNaN(ends)) throw new Refused('BAD_INSTANT', `"${until.slice(0, 40)}" is no time`);
  if (ends <= Date.parse(now) || ends > Date.parse(now) + longestMs) throw new Refused('BAD_INSTANT', 'a silence ends in the future, at most 30 days from now');
  if (holding(state, now).length >= most) throw new Refused('TOO_LARGE', `there are at most ${most} silences at once; lift some`);
  return [{ type: 'SilenceAdded', data: { ...silence, until: new Date(ends).toISOString(), at: now } }];
};

const lift = ({ data }: Of<SilencesCommand, 'Lift'>, state: Silences): readonly SilencesEvent[] => {
  if (!state.all.some(({ silenceId }) => silenceId === data.silenceId)) throw new Refused('NOT_FOUND', `there is no silence ${data.silenceId.slice(0, 60)}; list them with Silences/List`);
  return [{ type: 'SilenceLifted', data: { silenceId: data.silenceId, by: data.by, at: data.now } }];
};

/** What nobody is told of for a while. */
export const silences: Decider<Silences, SilencesCommand, SilencesEvent> = {
  category: 'silences',
  initial: { all: [] },
  evolve: ({ all }, event) => {
    switch (event.type) {
      case 'SilenceAdded': {
        const { at, ...silence } = event.data;
        // Those that are over are dropped here: the state stays small however long the stream is.
        return { all: [...all.filter(({ until }) => until > at), silence] };
      }
      case 'SilenceLifted':
        return { all: all.filter(({ silenceId }) => silenceId !== event.data.silenceId) };
      default:
        return { all };
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'Add':
        return add(command, state);
      case 'Lift':
        return lift(command, state);
      default:
        return unreachable(command);
    }
  },
};
