import { Refused, type Decider } from '@flotilla/decider';
import { early, kinds, type NoticeKind } from './notice.events.js';

/** How a warehouse is called where buyers read of it. */
export interface PublicName {
  readonly warehouse: string;
  readonly zh: string;
  readonly en: string;
}

export interface BuyerSettings {
  readonly version: number;
  /** What buyers are told. */
  readonly notices: readonly NoticeKind[];
  /** Origins whose pages may show ours in a frame. */
  readonly embedIn: readonly string[];
  /** Whether buyers are shown where a parcel comes from, with the fingerprints of the events that say so. */
  readonly provenance: boolean;
  readonly warehouseNames: readonly PublicName[];
  readonly putAt: string;
  readonly putBy: string;
}

export type BuyerSettingsCommand = { readonly type: 'PutBuyerSettings'; readonly data: { readonly notices: readonly string[]; readonly embedIn: readonly string[]; readonly provenance: boolean; readonly warehouseNames: readonly PublicName[]; readonly at: string; readonly by: string } };
export type BuyerSettingsEvent = { readonly type: 'BuyerSettingsPut'; readonly data: BuyerSettings };

/** The id of the one stream of settings, `buyersettings-all`. */
export const BUYERS = 'all';
/** How many versions can be looked at without reading the log. */
const keptVersions = 50;
const mostOrigins = 20;
const mostNames = 200;
const longestName = 60;

// Before a parcel leaves there is much to tell that nobody has to do anything about: a shop says whether it wants to.
const builtIn: BuyerSettings = { version: 0, notices: kinds.filter((kind) => !early.includes(kind)), embedIn: [], provenance: false, warehouseNames: [], putAt: '', putBy: '' };

/** A version that is kept; 0 = the one in force. */
export const settingsOf = (versions: readonly BuyerSettings[], version = 0): BuyerSettings | undefined => (version === 0 ? (versions[0] ?? builtIn) : versions.find((one) => one.version === version));

export const isTold = (versions: readonly BuyerSettings[], kind: NoticeKind): boolean => settingsOf(versions)!.notices.includes(kind);

// What stands in a header must be an origin and nothing else: no path, no wildcard, no space. Without TLS only one's own machine.
const isOrigin = (text: string): boolean => text.length <= 200 && URL.canParse(text) && new URL(text).origin === text && /^(https:\/\/[a-z0-9.-]+|http:\/\/(localhost|127\.0\.0\.1))(:\d+)?$/.test(text);

const isName = (text: string): boolean => text.trim() === text && text !== '' && text.length <= longestName && !/\p{C}/u.test(text);

const problemsOf = ({ notices, embedIn, warehouseNames }: Pick<BuyerSettingsCommand['data'], 'notices' | 'embedIn' | 'warehouseNames'>): readonly string[] => [
  ...notices.filter((kind) => !kinds.includes(kind as NoticeKind)).map((kind) => `"${kind.slice(0, 40)}" is no kind of notice; there are ${kinds.join(', ')}`),
  ...(notices.includes('READY_FOR_PICKUP') ? [] : ['READY_FOR_PICKUP has to be told: it carries the pickup code']),
  ...(embedIn.length > mostOrigins ? [`at most ${mostOrigins} origins`] : []),
  ...embedIn.filter((origin) => !isOrigin(origin)).map((origin) => `"${origin.slice(0, 60)}" is no origin such as https://shop.example`),
  ...(warehouseNames.length > mostNames ? [`at most ${mostNames} names of warehouses`] : []),
  ...warehouseNames.filter((one) => ![one.warehouse, one.zh, one.en].every(isName)).map(({ warehouse }) => `warehouse "${warehouse.slice(0, 40)}" needs a name in Chinese and in English, of one line and at most ${longestName} characters`),
  ...(new Set(warehouseNames.map(({ warehouse }) => warehouse)).size < warehouseNames.length ? ['a warehouse is named twice'] : []),
];

/** What buyers are told and shown, and who may show their pages; version by version, the newest first. */
export const buyerSettings: Decider<readonly BuyerSettings[], BuyerSettingsCommand, BuyerSettingsEvent> = {
  category: 'buyersettings',
  initial: [],
  // What was put before there was a provenance lacks it.
  evolve: (versions, { data }) => [{ ...data, provenance: data.provenance ?? false, warehouseNames: data.warehouseNames ?? [] }, ...versions].slice(0, keptVersions),
  decide: ({ data }, versions) => {
    const { notices, embedIn, provenance, warehouseNames, at, by } = data;
    const problems = problemsOf(data);
    if (problems.length > 0) throw new Refused('BAD_REQUEST', problems.slice(0, 10).join('; '));
    return [{ type: 'BuyerSettingsPut', data: { version: (versions[0]?.version ?? 0) + 1, notices: kinds.filter((kind) => notices.includes(kind)), embedIn: [...new Set(embedIn)], provenance, warehouseNames, putAt: at, putBy: by } }];
  },
};
