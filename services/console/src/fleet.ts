import { parseMessage, type MessageName } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { GatewayContext } from '@flotilla/service-kit';
import { may, methods, type Method } from './methods.js';
import type { Person } from './sessions.js';

interface CallOptions {
  readonly deadlineMs: number;
  readonly metadata: Readonly<Record<string, string>>;
}
type AnyClient = Readonly<Record<string, (request: unknown, options: CallOptions) => unknown>>;

const readMs = 10_000;
const commandMs = 20_000;
/** What a stream may answer into one JSON body. */
const mostParts = 10_000;

/** The services, asked in somebody's name. */
export class Fleet {
  constructor(private readonly ctx: Pick<GatewayContext, 'client'>) {}

  /** The method, if there is one that this person may ask. Who may not hears the same of methods that are there and of those that are not. */
  method(name: string, person: Person): Method {
    const method = methods.get(name);
    if (!method || !may(person, method)) throw new Refused('ROLE_MISSING', `none of your roles may ask ${/^[\w.:/-]{1,120}$/.test(name) ? name : 'this'}`);
    return method;
  }

  /** Asks, and answers the plain message; a stream's parts as `{ parts }`. */
  async ask(method: Method, json: unknown, person: Person): Promise<unknown> {
    const request = requestOf(method, json);
    if (method.desc.methodKind === 'client_streaming') throw new Refused('BAD_REQUEST', 'this method takes a file: POST /api/files');
    const answer = this.call(method, request, person);
    if (method.desc.methodKind === 'unary') return answer;
    const parts: unknown[] = [];
    for await (const part of answer as AsyncIterable<unknown>) if (parts.push(part) > mostParts) throw new Refused('TOO_LARGE', `more than ${mostParts} parts`);
    return { parts };
  }

  /** A promise of the answer, or the stream of its parts. */
  call(method: Method, request: unknown, person: Person): unknown {
    const client = this.ctx.client(method.service, method.owner) as unknown as AnyClient;
    return client[method.desc.localName]!(request, {
      deadlineMs: method.deadlineMs ?? (method.kind === 'read' ? readMs : commandMs),
      // Whose act it is, whose request_ids, and as what: services may hold it against their own table.
      metadata: { 'x-caller': person.user, 'x-caller-roles': person.roles.join(',') },
    });
  }
}

/** The message in JSON, checked. A refusal says what is wrong where. */
export const requestOf = (method: Method, json: unknown): Readonly<Record<string, unknown>> => {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Refused('BAD_REQUEST', 'a request is a JSON object');
  return parseMessage(method.desc.input.typeName as MessageName, json) as unknown as Readonly<Record<string, unknown>>;
};
