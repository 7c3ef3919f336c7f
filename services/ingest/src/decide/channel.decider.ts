import { Refused, unreachable, type Decider, type Of } from '@flotilla/decider';
import type { ChannelEvent, ChannelSettings } from './channel.events.js';

export type ChannelCommand =
  /** By a person: what is connected already with other settings is refused, so that a slip cannot cut off a shop. */
  | { readonly type: 'ConnectChannel'; readonly data: ChannelSettings & { readonly at: string } }
  /** By configuration, which holds: settings that differ are taken over, but for a token that was renewed since it was given: it is spent. */
  | { readonly type: 'ConfigureChannel'; readonly data: ChannelSettings & { readonly at: string } }
  /** By a person who means it. */
  | { readonly type: 'ChangeSettings'; readonly data: ChannelSettings & { readonly at: string } }
  | { readonly type: 'RenewToken'; readonly data: Pick<ChannelSettings, 'token' | 'tokenFingerprint'> & { readonly at: string } };

/** null: not connected. `givenFingerprint`: of the token that was given last, which may have been renewed since. */
export type ChannelState = (ChannelSettings & { readonly connectedAt: string; readonly givenFingerprint: string }) | null;

const evolve = (state: ChannelState, event: ChannelEvent): ChannelState => {
  switch (event.type) {
    case 'ChannelConnected':
      return { ...event.data, givenFingerprint: event.data.tokenFingerprint };
    case 'ChannelSettingsChanged': {
      const { changedAt, ...settings } = event.data;
      const isTokenKept = settings.tokenFingerprint === state?.tokenFingerprint;
      return { ...settings, connectedAt: state?.connectedAt ?? changedAt, givenFingerprint: isTokenKept ? state.givenFingerprint : settings.tokenFingerprint };
    }
    case 'ChannelTokenRenewed':
      return state && { ...state, token: event.data.token, tokenFingerprint: event.data.tokenFingerprint };
    default:
      return state;
  }
};

const connect = ({ data: { at, ...settings } }: Of<ChannelCommand, 'ConnectChannel'>, state: ChannelState): readonly ChannelEvent[] => {
  if (state === null) return [{ type: 'ChannelConnected', data: { ...checked(settings), connectedAt: at } }];
  if (same(settings, state)) return [];
  throw new Refused('CHANNEL_EXISTS', `the channel ${settings.id} is connected already, with other settings; choose another id`);
};

const configure = ({ data: { at, ...settings } }: Of<ChannelCommand, 'ConfigureChannel'>, state: ChannelState): readonly ChannelEvent[] => {
  if (state === null) return [{ type: 'ChannelConnected', data: { ...checked(settings), connectedAt: at } }];
  if (state.platform !== settings.platform) throw new Refused('CHANNEL_EXISTS', `the channel ${settings.id} is connected as ${state.platform}; its orders cannot become ${settings.platform} orders, so give the shop another id`);
  const { token, tokenFingerprint } = settings.tokenFingerprint === state.givenFingerprint ? state : settings;
  return changed({ ...settings, token, tokenFingerprint }, state, at);
};

const changed = (settings: ChannelSettings, state: ChannelSettings, at: string): readonly ChannelEvent[] => (same(settings, state) ? [] : [{ type: 'ChannelSettingsChanged', data: { ...checked(settings), changedAt: at } }]);

const same = (a: ChannelSettings, b: ChannelSettings): boolean =>
  (['platform', 'name', 'apiUrl', 'secretFingerprint', 'tokenFingerprint'] as const).every((field) => a[field] === b[field]);

const checked = (settings: ChannelSettings): ChannelSettings => {
  if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(settings.id)) throw new Refused('BAD_REQUEST', 'a channel id has 1 to 60 characters of a-z, 0-9 and "-"');
  if (!/^[a-z0-9][a-z0-9-]{0,59}$/.test(settings.platform)) throw new Refused('BAD_REQUEST', 'a platform is named by its folder, such as "shopify"');
  if (settings.name.length > 200) throw new Refused('BAD_REQUEST', 'a channel’s name has at most 200 characters');
  if (settings.apiUrl !== '' && !/^https?:\/\/[^\s]{1,500}$/.test(settings.apiUrl)) throw new Refused('BAD_REQUEST', 'api_url is no http(s) address');
  return settings;
};

const connected = (state: ChannelState): NonNullable<ChannelState> => {
  if (state === null) throw new Refused('NOT_FOUND', 'the channel is not connected; connect it with Channels/Connect');
  return state;
};

const decide = (command: ChannelCommand, state: ChannelState): readonly ChannelEvent[] => {
  switch (command.type) {
    case 'ConnectChannel':
      return connect(command, state);
    case 'ConfigureChannel':
      return configure(command, state);
    case 'ChangeSettings': {
      const { at, ...settings } = command.data;
      return changed(settings, connected(state), at);
    }
    case 'RenewToken': {
      const { id, platform } = connected(state);
      const { at, token, tokenFingerprint } = command.data;
      return [{ type: 'ChannelTokenRenewed', data: { id, platform, token, tokenFingerprint, changedAt: at } }];
    }
    default:
      return unreachable(command);
  }
};

/** One connected shop. Its id is immutable: every order id is derived from it. */
export const channel: Decider<ChannelState, ChannelCommand, ChannelEvent> = { category: 'channel', initial: null, evolve, decide };
