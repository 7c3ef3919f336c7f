import 'reflect-metadata';
import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';

type Schema = Readonly<Record<string, unknown>>;

/** An answer: a sentence alone is a problem (RFC 9457); otherwise the sentence, and the schema of each type that it may come in. */
export type Answer = string | readonly [sentence: string, content: Readonly<Record<string, Schema>>];

/** What stands in the OpenAPI document about one route. What the kit answers by itself (a URL that cannot be read, a body too large or too slow, a service that is away) is added. */
export interface Described {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** Schemas of what stands in the path; text where absent. */
  readonly params?: Readonly<Record<string, Schema>>;
  readonly query?: Readonly<Record<string, Schema>>;
  readonly headers?: Readonly<Record<string, Schema>>;
  /** By type. A route without one takes no body. */
  readonly body?: Readonly<Record<string, Schema>>;
  /** Nothing is no body here. */
  readonly bodyRequired?: true;
  /** Who may: security schemes by name, any one of which is enough. */
  readonly security?: Readonly<Record<string, Schema>>;
  readonly answers: Readonly<Record<number, Answer>>;
}

/** Signs of a part of a path, decoded. */
export const longestPart = 100;

const DESCRIBED = 'flotilla.described';

/** Adds to what fastify keeps of a route; Nest’s own decorator would replace what another has put there. */
export const routeConfig = (config: Schema): MethodDecorator => (target, name, descriptor) => {
  const before = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object) as Schema | undefined;
  RouteConfig({ ...before, ...config })(target, name as string, descriptor);
};

/** `@Describe({ id: 'keys', summary: '…', answers: { 200: ['JWKS', { 'application/json': {} }] } })`. A service with a route that is not described does not start. */
export const Describe = (described: Described): MethodDecorator => routeConfig({ [DESCRIBED]: described });

/** A page for people, as content of an answer. */
export const htmlPage: Readonly<Record<string, Schema>> = { 'text/html': { type: 'string' } };
export const csv: Readonly<Record<string, Schema>> = { 'text/csv': { type: 'string' } };
/** A problem, where an answer may be one or a page. */
export const problem: Readonly<Record<string, Schema>> = { 'application/problem+json': { $ref: '#/components/schemas/Problem' } };
export const plainText: Readonly<Record<string, Schema>> = { 'text/plain': { type: 'string' } };
export const json = (schema: Schema): Readonly<Record<string, Schema>> => ({ 'application/json': schema });

/** A route as fastify has it. */
export interface Route {
  readonly method: string;
  readonly url: string;
  readonly config: Readonly<Record<string, unknown>>;
}

const responseOf = (answer: Answer): Schema =>
  typeof answer === 'string' ? { description: answer, content: contentOf(problem) } : { description: answer[0], ...(Object.keys(answer[1]).length > 0 ? { content: contentOf(answer[1]) } : {}) };

const contentOf = (types: Readonly<Record<string, Schema>>): Schema => Object.fromEntries(Object.entries(types).map(([type, schema]) => [type, { schema }]));

// fastify writes ":name" where OpenAPI writes "{name}", and "::" for a ":" that begins no name.
export const pathOf = (url: string): string => url.replace(/(?<!:):(\w+)/g, '{$1}').replaceAll('::', ':');

const ownAnswers = (method: string, hasParams: boolean, largest: number): readonly (readonly [status: number, answer: Answer])[] => [
  ...(hasParams ? [[414, `A part of the path has more than ${longestPart} characters`] as const] : []),
  ...(hasParams || method !== 'GET' ? [[400, 'The request cannot be read'] as const] : []),
  ...(method === 'GET' ? [] : [[408, 'The body did not arrive in time'] as const, [413, `Above ${largest} bytes`] as const, [429, 'Too much is being read at the moment; try again later'] as const]),
  [503, 'Something that is needed for the answer is away, or more is asked than can be done at the moment (then Retry-After says when to come back)'],
];

/** OpenAPI 3.1 of these routes. Throws if one of them is not described, or describes a part that its path does not have. `largestOf`: the most bytes that a route takes. */
export const openapiOf = (name: string, routes: readonly Route[], largestOf: (route: Route) => number): Schema => {
  const schemes: Record<string, Schema> = {};
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) {
    const described = route.config[DESCRIBED] as Described | undefined;
    const path = pathOf(route.url);
    if (described === undefined) throw new Error(`${route.method} ${path} is not described: put @Describe on its handler`);
    const { id, summary, description, params = {}, query = {}, headers = {}, body, bodyRequired, security = {}, answers } = described;
    Object.assign(schemes, security);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one!);
    const unknown = Object.keys(params).find((one) => !inPath.includes(one));
    if (unknown !== undefined) throw new Error(`${route.method} ${path} has no "${unknown}" to describe`);
    const parameters = [
      ...inPath.map((one) => ({ name: one, in: 'path', required: true, schema: params[one] ?? { type: 'string', minLength: 1, maxLength: longestPart } })),
      ...Object.entries(query).map(([one, schema]) => ({ name: one, in: 'query', schema })),
      ...Object.entries(headers).map(([one, schema]) => ({ name: one, in: 'header', schema })),
    ];
    (paths[path] ??= {})[route.method.toLowerCase()] = {
      operationId: id,
      summary,
      ...(description === undefined ? {} : { description }),
      ...(Object.keys(security).length > 0 ? { security: Object.keys(security).map((one) => ({ [one]: [] })) } : {}),
      ...(parameters.length > 0 ? { parameters } : {}),
      ...(body === undefined ? {} : { requestBody: { ...(bodyRequired ? { required: true } : {}), content: contentOf(body) } }),
      responses: Object.fromEntries([...ownAnswers(route.method, inPath.length > 0, largestOf(route)), ...Object.entries(answers)].map(([status, answer]) => [status, responseOf(answer)])),
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: `Flotilla ${name}`, version: '1.0.0', description: 'What is asked over HTTP. Everything else is gRPC. A method that a path does not have is answered with 405 and the list of those that it has; every fault is a problem of RFC 9457.' },
    paths,
    components: {
      ...(Object.keys(schemes).length > 0 ? { securitySchemes: schemes } : {}),
      schemas: {
        Problem: {
          type: 'object',
          description: 'RFC 9457',
          required: ['type', 'title', 'status', 'code'],
          properties: { type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, detail: { type: 'string' }, code: { type: 'string', description: 'of the registry of reasons' }, traceId: { type: 'string' } },
        },
      },
    },
  };
};
