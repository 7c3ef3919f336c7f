import type { IncomingMessage, ServerResponse } from 'node:http';
import cookie from '@fastify/cookie';
import { Refused } from '@flotilla/decider';
import { rateLimit, type Fastify } from '@flotilla/service-kit';
import type { Person, Sessions } from './sessions.js';

/** A request as controllers get it: behind the guard. */
export interface Guarded {
  readonly url: string;
  readonly method: string;
  /** The route that it was taken for. What stands in the URL may be written in many ways. */
  readonly routeOptions: { readonly url?: string };
  readonly ip: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  readonly raw: IncomingMessage;
  person?: Person;
}

/** A connection on which nothing moves is closed after half a minute; here the answer may take longer. */
export const mayTake = ({ raw }: Guarded, ms: number | undefined): void => {
  if (ms !== undefined) raw.socket.setTimeout(ms + 5_000);
};

export interface GuardedReply {
  setCookie(name: string, value: string, options: object): GuardedReply;
  clearCookie(name: string, options: object): GuardedReply;
  header(name: string, value: string): GuardedReply;
  status(code: number): GuardedReply;
  getHeaders(): Record<string, string>;
  redirect(url: string, code: number): unknown;
  send(body?: unknown): unknown;
  hijack(): void;
  readonly raw: ServerResponse;
}

// Where nobody needs to be signed in: to sign in, and print agents, which have keys of their own and no cookies.
const open = /^\/api\/session(?:\/|$)/;
const agents = /^\/api\/print\//;

const policy = [
  "default-src 'self'",
  // The label's preview is drawn by WebAssembly.
  "script-src 'self' 'wasm-unsafe-eval'",
  // The component kit writes its theme into a style element.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "media-src 'self' blob:",
  "frame-src 'self' blob:",
  "worker-src 'self' blob:",
  "connect-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=(), payment=()',
};

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

/** Where a request was sent to, as browsers name it: the public URL, or by its own word. */
export const originOf = (publicUrl: string | undefined, host: string | undefined): string => (publicUrl ? new URL(publicUrl).origin : `http://${host ?? ''}`);

/** Over loopback there may be no TLS; everywhere else a cookie travels by it alone. */
export const isSecure = (publicUrl: string | undefined, host: string | undefined): boolean => (publicUrl ? new URL(publicUrl).protocol === 'https:' : !loopback.test(host ?? ''));

export const cookieName = (secure: boolean): string => (secure ? '__Host-flotilla' : 'flotilla');
export const cookieOptions = (secure: boolean): object => ({ httpOnly: true, sameSite: 'strict', secure, path: '/' });

/** Whether a browser sent it from a page of ours: a foreign page can set neither of the two headers, and browsers say where they ask from. */
export const ownPage = (request: Pick<Guarded, 'headers'>, publicUrl: string | undefined): boolean => {
  const { origin, host, 'x-flotilla-console': mark } = request.headers;
  if (mark !== '1' || origin === undefined) return false;
  return publicUrl ? origin === originOf(publicUrl, host) : origin === `http://${host}` || origin === `https://${host}`;
};

/** Stands before every route: headers, who it is, from which page, and not too often. */
export const guard = (options: { readonly sessions: Sessions; readonly publicUrl: string | undefined; readonly now?: () => number }) => async (fastify: Fastify): Promise<void> => {
  const { sessions, publicUrl, now = Date.now } = options;
  const often = rateLimit({ most: 1_200, now });
  const strangers = rateLimit({ most: 3_000, now });
  await fastify.register(cookie);
  fastify.addHook('onRequest', async (plain, reply) => {
    const request = plain as unknown as Guarded;
    for (const [name, value] of Object.entries(headers)) void reply.header(name, value);
    const secure = isSecure(publicUrl, request.headers.host);
    if (secure) void reply.header('strict-transport-security', 'max-age=31536000');
    const route = request.routeOptions.url ?? '';
    if (!route.startsWith('/api/')) return;
    void reply.header('cache-control', 'no-store');
    if (agents.test(route)) return;
    const site = request.headers['sec-fetch-site'];
    const returns = request.method === 'GET' && route === '/api/session/oidc/callback';
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !returns) throw new Refused('ROLE_MISSING', 'asked from a page of somebody else');
    if (request.method !== 'GET' && request.method !== 'HEAD' && !ownPage(request, publicUrl)) throw new Refused('ROLE_MISSING', 'a change is asked for by a page of the console alone: x-flotilla-console and Origin');
    const person = await sessions.open(request.cookies[cookieName(secure)]);
    if (person) request.person = person;
    else if (!open.test(route)) throw new Refused('UNAUTHENTICATED', 'sign in first');
    if (person ? !often(person.user) : !strangers(request.ip)) throw new Refused('OVERLOADED', 'too many requests; wait a moment');
  });
};
