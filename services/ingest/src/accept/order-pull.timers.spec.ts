import { describe, expect, it } from '@jest/globals';
import { fold, type AnyDecider } from '@flotilla/decider';
import type { EventStore, Recorded } from '@flotilla/event-store';
import { businessClock } from '@flotilla/values';
import { taobao } from '../channels/taobao/manifest.js';
import { orderPull } from '../decide/order-pull.decider.js';
import { usualRules } from '../decide/order-pull.events.js';
import { secretsOf } from '../keys/secrets.js';
import type { Ingest } from '../ingest.parts.js';
import { ConnectedChannels } from './connected-channels.js';
import { beginMissedPulls, beginOrderPull, orderPullTimers } from './order-pull.timers.js';

const platforms = new Map([['taobao', taobao]]);
const at = '2026-11-21T00:00:00.000Z';
const meta = { correlation: '', causation: '', actor: 'spec' };
type Events = { type: string; data: Record<string, unknown> }[];

/** Channels and their pulls in streams by name. */
const world = (ids: readonly string[], pulls: Readonly<Record<string, Events>> = {}) => {
  const secrets = secretsOf(Buffer.alloc(32, 7));
  const connected = (id: string): Events => [{ type: 'ChannelConnected', data: { id, platform: 'taobao', name: id, apiUrl: 'http://top', secret: secrets.sealSetting(id, 'secret', 's'), token: secrets.sealSetting(id, 'token', 't'), connectedAt: at } }];
  const streams = new Map<string, Events>(Object.entries(pulls).map(([id, events]) => [`orderPull-${id}`, events]));
  const of = (decider: AnyDecider, id: string): Events => streams.get(`${decider.category}-${id}`) ?? [];
  const store = {
    folded: (decider: AnyDecider, wanted: readonly string[]) => Promise.resolve(new Map(wanted.map((id) => [id, { state: fold(decider, of(decider, id)) as unknown }]))),
    execute: ({ decide }: { decide: (unit: unknown) => unknown }) => Promise.resolve(decide({
      run: (decider: AnyDecider, id: string, command: never) => streams.set(`${decider.category}-${id}`, [...of(decider, id), ...(decider.decide(command, fold(decider, of(decider, id)) as never) as Events)]),
    })),
  } as unknown as EventStore;
  const pool = { query: () => Promise.resolve({ rows: ids.map((id) => ({ id, platform: 'taobao' })) }) };
  const parts = { ctx: { store, pool, clock: businessClock(''), meta: () => meta }, platforms, channels: new ConnectedChannels(store, secrets) } as unknown as Ingest;
  const connect = (id: string): void => void streams.set(`channel-${id}`, connected(id));
  return { parts, connect, pulls: (id: string): number => fold(orderPull, of(orderPull, id) as never).pull };
};

describe('the timer of a channel’s pull', () => {
  it('ING-02: comes once after it was connected, and finds it, also if it was asked for just before', async () => {
    const { parts, connect, pulls } = world(['tb']);
    expect(await parts.channels.get('tb')).toBeUndefined();
    connect('tb');
    await beginOrderPull(parts, { key: 'orderPull-tb', dueAt: at, data: { channel: 'tb' } }, meta);
    expect(pulls('tb')).toBe(1);
  });

  it('ING-02: looks after an hour whether a pull has got any further, whatever its rules become', () => {
    const changes = (type: string, data: object): unknown => orderPullTimers({ platforms })({ type, data: { channel: 'tb', at, ...data } } as unknown as Recorded);
    for (const type of ['OrderPullBegun', 'OrderPagePulled']) expect(changes(type, {})).toMatchObject([{ key: 'orderPull-tb', dueAt: '2026-11-21T01:00:00.000Z' }]);
    expect(changes('OrderPullRulesPut', { nextAt: '' })).toEqual([]);
    expect(changes('OrderPullEnded', { nextAt: '' })).toMatchObject([{ dueAt: null }]);
  });

  it('ING-02: that was lost is made up for at the next start; what is to come, and what is paused, is let be', async () => {
    const begun = { type: 'OrderPullBegun', data: { channel: 'x', pull: 1, from: at, to: at, at } };
    const ended = (nextAt: string) => [begun, { type: 'OrderPullEnded', data: { channel: 'x', pull: 1, to: at, peak: false, lastHour: 0, mean: 0, at, nextAt } }];
    const { parts, connect, pulls } = world(['never', 'stuck', 'overdue', 'later', 'paused'], {
      stuck: [begun], overdue: ended('2026-11-21T00:15:00.000Z'), later: ended('2999-01-01T00:00:00.000Z'),
      paused: [{ type: 'OrderPullRulesPut', data: { channel: 'x', rules: { ...usualRules, paused: true }, at, by: 'x', nextAt: '' } }],
    });
    for (const id of ['never', 'stuck', 'overdue', 'later', 'paused']) connect(id);
    await beginMissedPulls(parts);
    expect(['never', 'stuck', 'overdue', 'later', 'paused'].map(pulls)).toEqual([1, 2, 2, 1, 0]);
  });
});
