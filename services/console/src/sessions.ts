import { randomUUID } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { atMost, rateLimit } from '@flotilla/service-kit';
import { hashPassword, passwordMatches } from '@flotilla/values';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { ConsoleConfig, LocalUser } from './config.js';
import { may, methods, roles as known, seePersonalData, type Role } from './methods.js';

/** Who is signed in. */
export interface Person {
  readonly user: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly locale?: string | undefined;
  /** Of this session, and when it is over, in ms. */
  readonly session: string;
  readonly until: number;
}

export const sessionHours = 8;
const issuer = 'flotilla-console';

/** Sessions are sealed into the cookie: any replica reads them. What is kept here is only which of them were signed out before their time. */
export class Sessions {
  private readonly key: Uint8Array;
  private readonly users: ReadonlyMap<string, LocalUser>;
  private readonly over = new Map<string, number>();
  private readonly bySource;
  private readonly byUser;
  // Hashing takes a core and 32 MiB for a moment: two at a time, and a short queue.
  private readonly hashing = atMost(2, 20);
  private readonly nobody = hashPassword(randomUUID());

  constructor(config: ConsoleConfig, private readonly now: () => number = Date.now) {
    this.key = Buffer.from(config.FLOTILLA_CONSOLE_KEY, 'base64');
    this.users = new Map(config.FLOTILLA_CONSOLE_USERS.map((user) => [user.user, user]));
    // A whole office may come by one address, at the same minute of the morning.
    this.bySource = rateLimit({ most: 120, now });
    this.byUser = rateLimit({ most: 10, now });
  }

  /** A local user with the right password. Nobody learns which of the two was wrong, nor by how long it took. */
  async signIn(user: string, password: string, source: string): Promise<Person> {
    if (![this.bySource(source), this.byUser(user.toLowerCase())].every(Boolean)) throw new Refused('OVERLOADED', 'too many tries; wait a minute');
    const found = this.users.get(user);
    const matches = await this.hashing(async () => passwordMatches(password, found?.password ?? (await this.nobody)));
    if (!found || !matches) throw new Refused('WRONG_SIGN_IN', 'the user or the password is wrong');
    return this.begin({ user: found.user, name: found.name ?? found.user, roles: found.roles, locale: found.locale });
  }

  isLocal(user: string): boolean {
    return [...this.users.keys()].some((name) => name.toLowerCase() === user.toLowerCase());
  }

  begin(person: Pick<Person, 'user' | 'name' | 'roles' | 'locale'>): Person {
    return { ...person, session: randomUUID(), until: this.now() + sessionHours * 3_600_000 };
  }

  /** The cookie's value. */
  seal({ user, name, roles, locale, session, until }: Person): Promise<string> {
    return this.sealed({ name, roles, locale, local: this.users.has(user) }, 'session', until, user, session);
  }

  /** Whose session it is; undefined where it is none, or over. A local user has the roles of today. */
  async open(cookie: string | undefined): Promise<Person | undefined> {
    const claims = await this.unsealed(cookie, 'session');
    if (!claims) return undefined;
    const { sub: user = '', jti: session = '', exp = 0 } = claims;
    if (this.over.has(session)) return undefined;
    const { name, roles, locale, local } = claims as unknown as Pick<Person, 'name' | 'roles' | 'locale'> & { readonly local: boolean };
    const today = this.users.get(user);
    if (local !== (today !== undefined)) return undefined;
    return { user, session, until: exp * 1_000, name: today?.name ?? name, roles: today?.roles ?? roles.filter((role) => known.includes(role)), locale: today?.locale ?? locale };
  }

  end({ session, until }: Pick<Person, 'session' | 'until'>): void {
    for (const [one, expires] of this.over) if (expires < this.now()) this.over.delete(one);
    this.over.set(session, until);
  }

  /** Anything that a browser is to keep for us for a while, and may not read. */
  sealed(claims: Readonly<Record<string, unknown>>, audience: string, until: number, subject = '', id: string = randomUUID()): Promise<string> {
    return new EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).setIssuer(issuer).setAudience(audience).setSubject(subject).setJti(id).setExpirationTime(Math.floor(until / 1_000)).encrypt(this.key);
  }

  async unsealed(text: string | undefined, audience: string): Promise<Awaited<ReturnType<typeof jwtDecrypt>>['payload'] | undefined> {
    if (text === undefined || text.length > 4_000) return undefined;
    try {
      return (await jwtDecrypt(text, this.key, { issuer, audience, currentDate: new Date(this.now()), keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] })).payload;
    } catch {
      return undefined;
    }
  }
}

/** What the page is told of who is signed in. */
export const sessionView = (person: Person): object => ({
  user: person.user,
  name: person.name,
  roles: person.roles,
  methods: [...methods.values()].filter((method) => may(person, method)).map(({ name }) => name),
  sees: { personalData: may(person, { roles: seePersonalData }) },
  ...(person.locale ? { locale: person.locale } : {}),
});
