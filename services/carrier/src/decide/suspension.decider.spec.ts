import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { toSuspension } from '../accept/suspensions.grpc.js';
import { suspensionIdOf, suspensions, type SuspensionCommand, type SuspensionEvent } from './suspension.decider.js';

const at = '2026-11-21T00:00:00.000Z';
const said = { carrier: 'sf', region: '新疆', city: '', way: 'DELIVER' as const, from: '2026-11-20T16:00:00.000Z', until: '2026-11-25T16:00:00.000Z', reason: '暴雪' };
const suspend = (change: Partial<typeof said> = {}): SuspensionCommand => ({ type: 'Suspend', data: { ...said, ...change, at } });
const suspended = (change: Partial<typeof said> = {}): SuspensionEvent => ({ type: 'CarrierSuspended', data: { id: suspensionIdOf({ ...said, ...change }), ...said, ...change, at } });
const { given } = specify(suspensions);

describe('CAR-01: suspensions', () => {
  it('CAR-01: are set once, changed in their end and reason, and lifted once', () => {
    given().when(suspend()).then(suspended());
    given(suspended()).when(suspend()).thenNothing();
    given(suspended()).when(suspend({ until: '' })).then(suspended({ until: '' }));
    given(suspended()).when({ type: 'Lift', data: { id: suspensionIdOf(said), at } }).then({ type: 'SuspensionLifted', data: { id: suspensionIdOf(said), at } });
    given().when({ type: 'Lift', data: { id: 'constructor', at } }).thenNothing();
  });

  it('CAR-01: without a beginning are from now on; said again they are the one that holds, with another end or reason perhaps', () => {
    given().when(suspend({ from: '' })).then(suspended({ from: at }));
    given(suspended({ from: at })).when({ type: 'Suspend', data: { ...said, from: '', at: '2026-11-22T00:00:00.000Z' } }).thenNothing();
    given(suspended()).when(suspend({ from: '', until: '' })).then(suspended({ until: '' }));
    given(suspended({ from: '2026-11-24T00:00:00.000Z' })).when(suspend({ from: '' })).then(suspended({ from: at }));
    given(suspended({ city: '喀什' })).when(suspend({ from: '' })).then(suspended({ from: at }));
  });

  it('CAR-01: what ends before it begins, or is over, is refused; what is over is forgotten, what is to come is not', () => {
    given().when(suspend({ until: said.from })).thenRefused('BAD_INSTANT');
    given().when(suspend({ from: '2026-11-01T00:00:00.000Z', until: at })).thenRefused('BAD_INSTANT');
    const over: SuspensionEvent = { type: 'CarrierSuspended', data: { ...said, id: 'old', until: at, at: said.from } };
    const later = suspended({ from: '2027-01-01T00:00:00.000Z', until: '' });
    expect(Object.keys(fold(suspensions, [over, suspended(), later]))).toEqual([suspensionIdOf(said), (later.data as { id: string }).id]);
    given(...Array.from({ length: 2_000 }, (_, n) => suspended({ region: `r${n}` }))).when(suspend()).thenRefused('TOO_LARGE');
  });

  it('CAR-01: are read as people write them: China’s time, small letters of ways; nonsense is refused', () => {
    const read = (change: object) => toSuspension({ ...said, ...change }, ['sf', 'zto']);
    expect(read({ from: '2026-11-21', until: '2026-11-26 08:00:00', way: 'deliver' })).toEqual({ ...said, from: '2026-11-20T16:00:00.000Z', until: '2026-11-26T00:00:00.000Z' });
    expect(read({ from: '', way: '', carrier: '*' })).toMatchObject({ from: '', way: 'BOTH', carrier: '*' });
    for (const [change, words] of [[{ carrier: 'ups' }, 'no carrier'], [{ region: '' }, 'region is'], [{ way: 'AIR' }, 'no way'], [{ way: 'BOTH', city: '喀什' }, 'only for DELIVER'], [{ from: 'tomorrow' }, 'tomorrow']] as const) expect(() => read(change)).toThrow(words);
  });
});
