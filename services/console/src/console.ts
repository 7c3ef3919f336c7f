import { counter, type GatewayContext } from '@flotilla/service-kit';
import type { Changes } from './changes.js';
import type { ConsoleConfig } from './config.js';
import type { Fleet } from './fleet.js';
import type { Method } from './methods.js';
import type { Oidc } from './oidc.js';
import { present } from './present.js';
import type { Person, Sessions } from './sessions.js';

/** What controllers get as CONTEXT. */
export interface Console extends GatewayContext<ConsoleConfig> {
  readonly fleet: Fleet;
  readonly sessions: Sessions;
  readonly changes: Changes;
  readonly oidc: Oidc | undefined;
}

const reveals = counter('flotilla_console_reveals_total');

/** Asks in somebody's name, and answers what that person may see, as JSON. What shows personal data in clear is noted with whoever asked. */
export const asked = async (console: Pick<Console, 'fleet' | 'open' | 'log'>, method: Method, json: unknown, person: Person, reveal?: { readonly reason: string }): Promise<unknown> => {
  const answer = await console.fleet.ask(method, json, person);
  if (reveal || method.noted) {
    reveals.inc({ method: method.name });
    console.log.info({ user: person.user, method: method.name, about: idsOf(json), why: reveal?.reason ?? 'the method shows it' }, 'personal data was shown in clear');
  }
  return present(method, answer, person, (texts) => console.open(texts), reveal !== undefined);
};

// Ids alone: a filter may be a phone number.
const idsOf = (json: unknown): unknown =>
  Object.fromEntries(Object.entries((json ?? {}) as Record<string, unknown>).filter(([name, value]) => /(?:^id|Id|parkedKey|waybill)$/.test(name) && typeof value === 'string' && value.length <= 200));
