import { Refused } from '@flotilla/decider';
import { CONTEXT, Describe, json } from '@flotilla/service-kit';
import { longestPassword } from '@flotilla/values';
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { z } from 'zod';
import type { Console } from './console.js';
import { cookieName, cookieOptions, isSecure, originOf, type Guarded, type GuardedReply } from './guard.js';
import { sessionView, type Person } from './sessions.js';

const signInBody = z.object({ user: z.string().min(1).max(60), password: z.string().min(1).max(longestPassword) });
const oidcCookie = 'flotilla-oidc';
const oidcMs = 600_000;

@Controller('api/session')
export class SessionController {
  constructor(@Inject(CONTEXT) private readonly console: Console) {}

  @Describe({ id: 'signIn', summary: 'Signs a local user in', body: json({ type: 'object', required: ['user', 'password'], properties: { user: { type: 'string' }, password: { type: 'string' } } }), answers: { 204: ['The cookie', {}], 401: 'The user or the password is wrong', 403: 'Not from a page of ours' } })
  @Post()
  @HttpCode(204)
  async signIn(@Body() body: Buffer | undefined, @Req() request: Guarded, @Res({ passthrough: true }) reply: GuardedReply): Promise<void> {
    const { user, password } = credentials(body);
    const person = await this.console.sessions.signIn(user, password, request.ip);
    await this.set(person, request, reply);
  }

  @Describe({ id: 'session', summary: 'Who is signed in, and what that person may', answers: { 200: ['That', json({ type: 'object' })], 401: 'Nobody is; `metadata.oidc` says whether a provider signs people in' } })
  @Get()
  session(@Req() { person }: Guarded): object {
    if (!person) throw new Refused('UNAUTHENTICATED', 'nobody is signed in', { oidc: String(this.console.oidc !== undefined) });
    return sessionView(person);
  }

  @Describe({ id: 'signOut', summary: 'Ends the session', answers: { 204: ['It is over', {}], 403: 'Not from a page of ours' } })
  @Delete()
  @HttpCode(204)
  signOut(@Req() request: Guarded, @Res({ passthrough: true }) reply: GuardedReply): void {
    if (request.person) {
      this.console.sessions.end(request.person);
      this.console.changes.leave(request.person.session);
    }
    const secure = this.secure(request);
    reply.clearCookie(cookieName(secure), cookieOptions(secure));
  }

  @Describe({ id: 'oidc', summary: 'Goes to the OpenID provider (code flow with PKCE)', answers: { 302: ['There', {}], 404: 'There is none' } })
  @Get('oidc')
  async oidc(@Req() request: Guarded, @Res() reply: GuardedReply): Promise<void> {
    const { url, kept } = await this.provider().begin(this.callback(request));
    const until = Date.now() + oidcMs;
    // Lax: the way back begins at the provider's page.
    reply.setCookie(oidcCookie, await this.console.sessions.sealed(kept, 'oidc', until), { httpOnly: true, sameSite: 'lax', secure: this.secure(request), path: '/api/session/oidc', maxAge: oidcMs / 1_000 }).redirect(url.href, 302);
  }

  @Describe({ id: 'oidcCallback', summary: 'Back from the OpenID provider', answers: { 302: ['To the console, signed in', {}], 401: 'The provider did not sign anybody in', 403: 'Without a role', 404: 'There is no provider' } })
  @Get('oidc/callback')
  async oidcCallback(@Req() request: Guarded, @Res() reply: GuardedReply): Promise<void> {
    const provider = this.provider();
    const kept = await this.console.sessions.unsealed(request.cookies[oidcCookie], 'oidc');
    reply.clearCookie(oidcCookie, { path: '/api/session/oidc' });
    if (!kept) throw new Refused('UNAUTHENTICATED', 'this sign-in was not begun here, or took too long; begin again');
    const came = new URL(this.callback(request));
    came.search = new URL(request.url, came).search;
    const person = await provider.end(came, kept);
    if (this.console.sessions.isLocal(person.user)) throw new Refused('ROLE_MISSING', 'a local user has this name; the provider cannot sign them in');
    await this.set(this.console.sessions.begin(person), request, reply);
    reply.redirect('/', 302);
  }

  private provider(): NonNullable<Console['oidc']> {
    if (!this.console.oidc) throw new Refused('NOT_FOUND', 'no OpenID provider is configured');
    return this.console.oidc;
  }

  private callback({ headers }: Guarded): string {
    return `${originOf(this.console.config.FLOTILLA_PUBLIC_URL, headers.host)}/api/session/oidc/callback`;
  }

  private secure({ headers }: Guarded): boolean {
    return isSecure(this.console.config.FLOTILLA_PUBLIC_URL, headers.host);
  }

  private async set(person: Person, request: Guarded, reply: GuardedReply): Promise<void> {
    const secure = this.secure(request);
    reply.setCookie(cookieName(secure), await this.console.sessions.seal(person), { ...cookieOptions(secure), maxAge: Math.floor((person.until - Date.now()) / 1_000) });
    this.console.log.info({ user: person.user, roles: person.roles }, 'signed in');
  }
}

const credentials = (body: Buffer | undefined): z.infer<typeof signInBody> => {
  try {
    return signInBody.parse(JSON.parse((body ?? '').toString()));
  } catch {
    throw new Refused('BAD_REQUEST', 'sign in with {"user", "password"}');
  }
};
