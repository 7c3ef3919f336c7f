import { createHash } from 'node:crypto';
import type { Decider } from '@flotilla/decider';
import { RequestIdReused } from './errors.js';
import type { Request, Task } from './types.js';

interface Answered {
  readonly hash: string;
  /** Absent if the answer was `undefined`. */
  readonly answer?: unknown;
}
type RequestCommand = { readonly type: 'AnswerRequest'; readonly data: Answered };
type RequestEvent = { readonly type: 'RequestAnswered'; readonly data: Answered };

/** `request-<caller>-<id>`: exists if the request was answered, keeps its hash and answer. */
export const requests: Decider<Answered | null, RequestCommand, RequestEvent> = {
  category: 'request',
  initial: null,
  evolve: (_, event) => event.data,
  decide: (command, answered) => (answered ? [] : [{ type: 'RequestAnswered', data: command.data }]),
};

// "-" parts the name, so that caller "a-b" with id "c" is not caller "a" with id "b-c".
const escaped = (text: string, allowed: RegExp): string =>
  [...Buffer.from(text)].map((byte) => (allowed.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`)).join('');

/** The id of a request's stream; long ones are hashed, since a stream's name ends at 200 characters. */
export const requestStreamId = ({ caller, id }: Request): string => {
  const name = `${escaped(caller, /[A-Za-z0-9_.@:/]/)}-${escaped(id, /[!-$&-~]/)}`;
  return name.length <= 190 ? name : createHash('sha256').update(name).digest('hex');
};

/** The task that answers a repeated request without doing it again. */
export const answeringOnce = <A>(task: Task<A>, request: Request): Task<A> => {
  const id = requestStreamId(request);
  return {
    ...task,
    streams: [...task.streams, [requests, id]],
    decide: (unit) => {
      const answered = unit.state(requests, id);
      if (answered) {
        if (answered.hash !== request.hash) throw new RequestIdReused(request.caller, request.id);
        return answered.answer as A;
      }
      const answer = task.decide(unit);
      // What a repeat will get is what the first caller gets: the answer as JSON keeps it.
      const kept = answer === undefined ? undefined : (JSON.parse(JSON.stringify(answer)) as A);
      unit.run(requests, id, { type: 'AnswerRequest', data: { hash: request.hash, ...(kept === undefined ? {} : { answer: kept }) } });
      return kept as A;
    },
  };
};
