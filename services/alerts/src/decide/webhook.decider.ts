import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';

/** How events are put into a folder by SFTP. */
export interface Sftp {
  /** SHA-256 of the server's key, as `ssh-keygen -lf` shows it. */
  readonly hostKey: string;
  /** A file at least so often, while there is something to say. */
  readonly everySeconds: number;
}

/** What is asked for: where it goes and which events go there. */
export interface Wanted {
  readonly url: string;
  /** Where url is a folder: sftp://user@host/folder. */
  readonly sftp?: Sftp;
  readonly description: string;
  /** `flotilla.order.v1.OrderPlaced`, or `flotilla.order.v1.*`. */
  readonly types: readonly string[];
  /** None = all, also what is of no channel. */
  readonly channels: readonly string[];
}

export type Why = 'BY_HAND' | 'GONE' | 'FAILING';

export interface Webhook extends Wanted {
  readonly webhookId: string;
  readonly state: 'ACTIVE' | 'DISABLED';
  readonly disabledWhy: Why | '';
  /** How often it was disabled, for its incidents. */
  readonly times: number;
  /** Machine time; "" = it takes what it is sent. */
  readonly failingSince: string;
  /** Sealed; the newest first. */
  readonly secrets: readonly Secret[];
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface Secret {
  readonly sealed: string;
  /** Until then it signs beside the newer one, or is tried where that is refused; "" = for good. */
  readonly until: string;
}

interface By {
  readonly webhookId: string;
  readonly by: string;
  readonly at: string;
}

export type WebhookCommand =
  /** `known`: every type there is. `faults`: what is wrong with the address. */
  | { readonly type: 'Create'; readonly data: By & Wanted & { readonly sealed: string; readonly known: readonly string[]; readonly faults: readonly string[] } }
  | { readonly type: 'Update'; readonly data: By & Wanted & { readonly known: readonly string[]; readonly faults: readonly string[] } }
  | { readonly type: 'Rotate'; readonly data: By & { readonly sealed: string; readonly keepHours: number } }
  | { readonly type: 'Enable' | 'Disable' | 'Delete'; readonly data: By }
  /** It took a delivery, or did not; a receiver that says that it is gone is believed. */
  | { readonly type: 'Took'; readonly data: { readonly webhookId: string; readonly at: string } }
  | { readonly type: 'Missed'; readonly data: { readonly webhookId: string; readonly at: string; readonly gone: boolean; readonly patienceMs: number } };

export type WebhookEvent =
  | { readonly type: 'WebhookCreated'; readonly data: By & Wanted & { readonly sealed: string } }
  | { readonly type: 'WebhookUpdated'; readonly data: By & Wanted }
  | { readonly type: 'WebhookSecretRotated'; readonly data: By & { readonly sealed: string; readonly oldUntil: string } }
  | { readonly type: 'WebhookDisabled'; readonly data: By & { readonly why: Why; readonly times: number } }
  | { readonly type: 'WebhookEnabled'; readonly data: By & { readonly times: number } }
  | { readonly type: 'WebhookDeleted'; readonly data: By & { readonly times: number } }
  | { readonly type: 'WebhookFailing'; readonly data: { readonly webhookId: string; readonly since: string } }
  | { readonly type: 'WebhookRecovered'; readonly data: { readonly webhookId: string; readonly at: string } };

export interface Webhooks {
  readonly all: readonly Webhook[];
}

/** The id of the one stream of webhooks, `webhooks-all`: whoever queues an event has to know all of them. */
export const WEBHOOKS = 'all';
const most = 20;
const longestKeepHours = 168;
const hourMs = 3_600_000;
const longestEverySeconds = 86_400;

const packaged = (type: string): string | undefined => (type.endsWith('.*') ? type.slice(0, -1) : undefined);

/** Whether it wants events of this type. */
export const wantsType = ({ types }: Pick<Wanted, 'types'>, type: string): boolean => types.some((one) => one === type || (packaged(one) !== undefined && type.startsWith(packaged(one)!)));

/** The secrets that are in force, the newest first. */
export const signing = ({ secrets }: Webhook, now: string): readonly string[] => secrets.filter(({ until }) => until === '' || until > now).map(({ sealed }) => sealed);

const problemsOf = ({ url, sftp, description, types, channels }: Wanted, known: readonly string[]): readonly string[] => [
  ...(sftp && !/^(?:SHA256:)?[A-Za-z0-9+/]{43}=?$/.test(sftp.hostKey) ? ['host_key is the SHA-256 of the server\'s key in base64, as "ssh-keygen -lf" shows it'] : []),
  ...(sftp && !(sftp.everySeconds >= 1 && sftp.everySeconds <= longestEverySeconds) ? [`every_seconds is 1 to ${longestEverySeconds}`] : []),
  ...(url.length > 2_000 || description.length > 300 ? ['url has at most 2000 characters, description 300'] : []),
  ...(types.length < 1 || types.length > 100 ? ['name 1 to 100 types; Webhooks/ListTypes lists them'] : []),
  ...types.slice(0, 100).filter((type) => !known.some((one) => one === type || (packaged(type) !== undefined && one.startsWith(packaged(type)!)))).map((type) => `there is no event "${type.slice(0, 100)}"; Webhooks/ListTypes lists them`),
  ...(channels.length > 200 || channels.some((channel) => !/^[a-z0-9][a-z0-9-]{0,63}$/.test(channel)) ? ['at most 200 channels, each an id as Channels/List has it'] : []),
];

const checked = (wanted: Wanted, known: readonly string[], faults: readonly string[]): Wanted => {
  const problems = [...faults, ...problemsOf(wanted, known)];
  if (problems.length > 0) throw new Refused('BAD_REQUEST', problems.slice(0, 10).join('; '));
  const { url, sftp, description, types, channels } = wanted;
  return { url, ...(sftp ? { sftp } : {}), description, types: [...new Set(types)], channels: [...new Set(channels)] };
};

const found = ({ all }: Webhooks, webhookId: string): Webhook => {
  const one = all.find((webhook) => webhook.webhookId === webhookId);
  if (!one) throw new Refused('NOT_FOUND', `there is no webhook ${webhookId.slice(0, 60)}; list them with Webhooks/List`);
  return one;
};

const create = ({ data: { known, faults, ...data } }: Of<WebhookCommand, 'Create'>, { all }: Webhooks): readonly WebhookEvent[] => {
  if (all.some(({ webhookId }) => webhookId === data.webhookId)) return [];
  const wanted = checked(data, known, faults);
  if (all.length >= most) throw new Refused('TOO_LARGE', `there are at most ${most} webhooks; delete one`);
  return [{ type: 'WebhookCreated', data: { ...data, ...wanted } }];
};

const update = ({ data: { known, faults, ...data } }: Of<WebhookCommand, 'Update'>, state: Webhooks): readonly WebhookEvent[] => {
  const one = found(state, data.webhookId);
  const wanted = checked(data, known, faults);
  // What waits for it is of the old kind, and so is its secret.
  if ((one.sftp === undefined) !== (wanted.sftp === undefined)) throw new Refused('BAD_REQUEST', 'what is called does not become a folder, nor a folder what is called: create another one');
  return [{ type: 'WebhookUpdated', data: { ...data, ...wanted } }];
};

const rotate = ({ data: { keepHours, ...data } }: Of<WebhookCommand, 'Rotate'>, state: Webhooks): readonly WebhookEvent[] => {
  found(state, data.webhookId);
  if (!(keepHours >= 0 && keepHours <= longestKeepHours)) throw new Refused('BAD_REQUEST', `keep_hours is 0 to ${longestKeepHours}`);
  return [{ type: 'WebhookSecretRotated', data: { ...data, oldUntil: new Date(Date.parse(data.at) + keepHours * hourMs).toISOString() } }];
};

const disabled = ({ webhookId, times }: Webhook, why: Why, by: string, at: string): WebhookEvent => ({ type: 'WebhookDisabled', data: { webhookId, why, times: times + 1, by, at } });

const missed = ({ data: { webhookId, at, gone, patienceMs } }: Of<WebhookCommand, 'Missed'>, { all }: Webhooks): readonly WebhookEvent[] => {
  const one = all.find((webhook) => webhook.webhookId === webhookId);
  if (!one || one.state !== 'ACTIVE') return [];
  if (gone) return [disabled(one, 'GONE', 'receiver', at)];
  if (one.failingSince === '') return [{ type: 'WebhookFailing', data: { webhookId, since: at } }];
  return Date.parse(at) - Date.parse(one.failingSince) >= patienceMs ? [disabled(one, 'FAILING', 'receiver', at)] : [];
};

const evolveOne = (one: Webhook, event: WebhookEvent): Webhook => {
  switch (event.type) {
    case 'WebhookUpdated': {
      const { url, sftp, description, types, channels } = event.data;
      return { ...one, url, ...(sftp ? { sftp } : {}), description, types, channels };
    }
    case 'WebhookSecretRotated':
      // Two at most: what was rotated before is void.
      return { ...one, secrets: [{ sealed: event.data.sealed, until: '' }, { sealed: one.secrets[0]!.sealed, until: event.data.oldUntil }] };
    case 'WebhookDisabled':
      return { ...one, state: 'DISABLED', disabledWhy: event.data.why, times: event.data.times };
    case 'WebhookEnabled':
      return { ...one, state: 'ACTIVE', disabledWhy: '', failingSince: '' };
    case 'WebhookFailing':
      return { ...one, failingSince: event.data.since };
    case 'WebhookRecovered':
      return { ...one, failingSince: '' };
    default:
      return one;
  }
};

/** Which programs of other systems are told what. */
export const webhooks: Decider<Webhooks, WebhookCommand, WebhookEvent> = {
  category: 'webhooks',
  initial: { all: [] },
  evolve: ({ all }, event) => {
    switch (event.type) {
      case 'WebhookCreated': {
        const { webhookId, url, sftp, description, types, channels, sealed, at, by } = event.data;
        return { all: [...all, { webhookId, url, ...(sftp ? { sftp } : {}), description, types, channels, state: 'ACTIVE', disabledWhy: '', times: 0, failingSince: '', secrets: [{ sealed, until: '' }], createdAt: at, createdBy: by }] };
      }
      case 'WebhookDeleted':
        return { all: all.filter(({ webhookId }) => webhookId !== event.data.webhookId) };
      default:
        return { all: all.map((one) => (one.webhookId === event.data.webhookId ? evolveOne(one, event) : one)) };
    }
  },
  decide: (command, state) => {
    switch (command.type) {
      case 'Create':
        return create(command, state);
      case 'Update':
        return update(command, state);
      case 'Rotate':
        return rotate(command, state);
      case 'Enable': {
        const { state: is, times } = found(state, command.data.webhookId);
        return is === 'ACTIVE' ? [] : [{ type: 'WebhookEnabled', data: { ...command.data, times } }];
      }
      case 'Disable': {
        const one = found(state, command.data.webhookId);
        return one.state === 'DISABLED' ? [] : [disabled(one, 'BY_HAND', command.data.by, command.data.at)];
      }
      case 'Delete':
        return [{ type: 'WebhookDeleted', data: { ...command.data, times: found(state, command.data.webhookId).times } }];
      case 'Took': {
        const { webhookId, at } = command.data;
        return state.all.some((one) => one.webhookId === webhookId && one.failingSince !== '') ? [{ type: 'WebhookRecovered', data: { webhookId, at } }] : [];
      }
      case 'Missed':
        return missed(command, state);
      default:
        return unreachable(command);
    }
  },
};
