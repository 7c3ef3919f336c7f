import { readFileSync } from 'node:fs';
import type { alerts } from '@flotilla/contracts';
import { createMailer } from '@flotilla/notify';
import { BadConfiguration, type ServiceContext } from '@flotilla/service-kit';
import { z } from 'zod';
import { emptyPolicy, problemsOf } from '../decide/policy.js';
import { builtInRoles, severities } from '../decide/rules.js';
import type { ChannelManifest, ChannelPort, Language } from './channels/channel.js';
import { channelOf, channels } from './channels/registry.js';

export const targetConfig = {
  FLOTILLA_ALERT_TARGETS_FILE: z.string().optional().describe('JSON of whom alerts can tell, with their secrets; the sandbox’s where FLOTILLA_SANDBOX_URL is set and this is not'),
  FLOTILLA_SMTP_URL: z.url().default('smtp://127.0.0.1:8111').describe('server that takes the mails'),
  FLOTILLA_MAIL_FROM: z.string().min(3).default('Flotilla <alerts@flotilla.test>').describe('sender of the mails'),
};

const oneAtLeast = 'it is empty: name one at least, or leave it out';

const target = z.looseObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'small letters, digits and "-"'),
  channel: z.string(),
  language: z.enum(['zh', 'en']).default('zh'),
  /** What it is told until somebody puts a policy; without them nothing. */
  roles: z.array(z.string()).min(1, oneAtLeast).default([]),
  severities: z.array(z.enum(severities)).min(1, oneAtLeast).default([...severities]),
});
const file = z.strictObject({ targets: z.array(target).min(1, 'it is empty: nobody would be told; without a file nobody is, too').max(200), escalations: z.array(z.strictObject({ severity: z.enum(severities), afterMinutes: z.int().min(1), role: z.string() })).default([]) });

type File = z.infer<typeof file>;

/** Somebody who can be told, connected. */
export interface Target {
  readonly name: string;
  readonly language: Language;
  readonly manifest: ChannelManifest;
  readonly port: ChannelPort;
}

export interface Targets {
  readonly all: ReadonlyMap<string, Target>;
  /** The policy that the file amounts to, in force until somebody puts one. */
  readonly policy: alerts.NoticePolicy;
  close(): void;
}

// Each has a stream of its own for each incident, and a unit may load a hundred streams that nobody named.
const mostDesks = 20;

// With a sandbox everybody is reached in every way; a critical incident that nobody acknowledges goes to the manager's phone. Customer service has tickets of what buyers ask about.
const sandboxRoles: Readonly<Record<string, readonly string[]>> = { sms: ['manager'], tickets: ['logistics'] };
const sandboxFile = (url: string): z.input<typeof file> => ({
  targets: channels.map(({ manifest: { name }, sandbox }) => ({
    name: `ops-${name}`,
    channel: name,
    language: name === 'mail' || name === 'webhook' ? 'en' : 'zh',
    roles: [...(sandboxRoles[name] ?? builtInRoles)],
    severities: name === 'sms' ? ['CRITICAL'] : [...severities],
    ...sandbox(url),
  })),
  escalations: [{ severity: 'CRITICAL', afterMinutes: 15, role: 'manager' }],
});

/** What is wrong with the policy that a file amounts to, one sentence each. */
const faultsOfPolicy = ({ targets, escalations }: File, policy: alerts.NoticePolicy): readonly string[] => {
  const known = [...new Set([...builtInRoles, ...escalations.map(({ role }) => role)])];
  return [
    ...targets.flatMap(({ name, roles }) => roles.flatMap((role) => (known.includes(role) ? [] : [`${name}: no rule concerns the role "${role.slice(0, 50)}" and no escalation goes to it; there are ${known.join(', ')}`]))),
    ...problemsOf(policy, new Set(targets.map(({ name }) => name))),
  ];
};

const policyOf = ({ targets, escalations }: File): alerts.NoticePolicy => {
  const roles = [...new Set(targets.flatMap((one) => one.roles))];
  return {
    ...emptyPolicy,
    matrix: severities.flatMap((severity) => roles.map((role) => ({ severity, role, targets: targets.filter((one) => one.roles.includes(role) && one.severities.includes(severity)).map(({ name }) => name) }))).filter((row) => row.targets.length > 0),
    escalations,
  };
};

/** What a file says; undefined = there is none, and nobody is told. */
const read = (path: string | undefined, sandbox: string | undefined): unknown => {
  if (path === undefined) return sandbox === undefined ? undefined : sandboxFile(sandbox);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new BadConfiguration(`FLOTILLA_ALERT_TARGETS_FILE: ${path} cannot be read as JSON (${(error as { code?: string }).code ?? 'not JSON'})`);
  }
};

// What zod says holds no values, only paths and rules: secrets stay out of the message.
const faultsOf = (error: z.ZodError, at: string): string => error.issues.map(({ path, message }) => `${[at, ...path].join('.')}: ${message}`).join('; ');

/** Connects everybody in the targets file. A mistake in it stops the start: nobody would find out when it matters. */
export const connectTargets = (ctx: ServiceContext<{ readonly FLOTILLA_ALERT_TARGETS_FILE?: string | undefined; readonly FLOTILLA_SMTP_URL: string; readonly FLOTILLA_MAIL_FROM: string }>): Targets => {
  const { FLOTILLA_ALERT_TARGETS_FILE, FLOTILLA_SANDBOX_URL, FLOTILLA_SMTP_URL, FLOTILLA_MAIL_FROM } = ctx.config;
  const said = read(FLOTILLA_ALERT_TARGETS_FILE, FLOTILLA_SANDBOX_URL);
  if (said === undefined) return { all: new Map(), policy: emptyPolicy, close: () => undefined };
  const parsed = file.safeParse(said);
  if (!parsed.success) throw new BadConfiguration(`FLOTILLA_ALERT_TARGETS_FILE: ${faultsOf(parsed.error, 'file')}`);
  const policy = policyOf(parsed.data);
  const faults = faultsOfPolicy(parsed.data, policy);
  if (faults.length > 0) throw new BadConfiguration(`FLOTILLA_ALERT_TARGETS_FILE: ${faults.slice(0, 10).join('; ')}`);
  const mailer = createMailer(FLOTILLA_SMTP_URL, FLOTILLA_MAIL_FROM);
  const all = new Map<string, Target>();
  for (const { name, channel, language, roles: _roles, severities: _severities, ...account } of parsed.data.targets) {
    const found = channelOf(channel);
    if (!found) throw new BadConfiguration(`FLOTILLA_ALERT_TARGETS_FILE: target ${name} has channel "${channel}"; there are ${channels.map(({ manifest }) => manifest.name).join(', ')}`);
    if (all.has(name)) throw new BadConfiguration(`FLOTILLA_ALERT_TARGETS_FILE: there are two targets ${name}`);
    const read = found.account.safeParse(account);
    if (!read.success) throw new BadConfiguration(`FLOTILLA_ALERT_TARGETS_FILE: ${faultsOf(read.error, name)}`);
    const outside = ctx.outside(`target:${name}`, found.manifest.outside);
    all.set(name, { name, language, manifest: found.manifest, port: found.connect({ account: read.data, fetch: (url, init) => outside.fetch(url, init), now: () => ctx.clock.machine(), mailer }) });
  }
  const desks = [...all.values()].filter(({ manifest }) => manifest.tickets).length;
  if (desks > mostDesks) throw new BadConfiguration(`FLOTILLA_ALERT_TARGETS_FILE: ${desks} targets are ticket systems; at most ${mostDesks}`);
  return { all, policy, close: () => mailer.close() };
};
