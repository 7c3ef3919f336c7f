import { describe, expect, it } from '@jest/globals';
import { fold } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { session, type SessionCommand } from './session.decider.js';
import type { SessionEvent } from './session.events.js';

const channel = 'taobao-1';
const at = (minute: number): string => new Date(Date.UTC(2026, 10, 30, 10, minute)).toISOString();
const begin = (minute: number, fingerprint = 'a', because: 'DUE' | 'OVER' | 'GIVEN' = 'DUE'): SessionCommand => ({ type: 'BeginRenewal', data: { channel, fingerprint, at: at(minute), because } });
const begun = (attempt = 1, minute = 0, fingerprint = 'a'): SessionEvent => ({ type: 'SessionRenewalBegun', data: { channel, attempt, fingerprint, at: at(minute) } });
const renewed: SessionEvent = { type: 'SessionRenewed', data: { channel, fingerprint: 'b', expiresAt: at(91), renewAt: at(61), at: at(1) } };
const refused: SessionEvent = { type: 'ChannelSessionRefused', data: { channel, platform: 'taobao', detail: 'spent', time: 1, refusedAt: at(1) } };

describe('a channel’s session', () => {
  const { given } = specify(session);

  it('ING-02: is renewed when it is first seen, since nobody has told when it ends, and then when a third of its life is left', () => {
    given().when(begin(0)).then(begun());
    given(begun()).when({ type: 'RecordRenewed', data: { channel, attempt: 1, fingerprint: 'b', expiresAt: at(91), at: at(1) } }).then(renewed);
    given(begun(), renewed).when(begin(60, 'b')).thenNothing();
    given(begun(), renewed).when(begin(61, 'b')).then(begun(2, 61, 'b'));
  });

  it('ING-02: is renewed once, however many ask, unless whoever does it has died', () => {
    given(begun()).when(begin(1, 'a', 'OVER')).thenNothing();
    given(begun()).when(begin(10)).then(begun(2, 10));
    given(begun(), begun(2, 10)).when({ type: 'RecordRenewed', data: { channel, attempt: 1, fingerprint: 'b', expiresAt: at(91), at: at(11) } }).thenNothing();
  });

  it('ING-02: is renewed at once when the platform says that it is over, but not for a call that met the end of the one before', () => {
    given(begun(), renewed).when(begin(1, 'b', 'OVER')).thenNothing();
    given(begun(), renewed).when(begin(2, 'b', 'OVER')).then(begun(2, 2, 'b'));
  });

  it('ING-02: that was refused is told once and waits for people; another token is tried at once, and ends it', () => {
    given(begun()).when({ type: 'RecordRefused', data: { channel, platform: 'taobao', attempt: 1, why: 'spent', at: at(1) } }).then(refused);
    given(begun(), refused).when(begin(30, 'a', 'OVER')).thenNothing();
    given(begun(), refused).when(begin(30, 'c')).then(begun(2, 30, 'c'));
    given(begun(), refused).when(begin(30, 'a', 'GIVEN')).then(begun(2, 30, 'a'));
    const over: SessionEvent = { type: 'ChannelSessionRestored', data: { channel, time: 1, restoredAt: at(31) } };
    given(begun(), refused, begun(2, 30, 'c')).when({ type: 'RecordRenewed', data: { channel, attempt: 2, fingerprint: 'd', expiresAt: at(61), at: at(31) } }).then({ type: 'SessionRenewed', data: { channel, fingerprint: 'd', expiresAt: at(61), renewAt: at(51), at: at(31) } }, over);
    // A token that cannot be renewed is good as long as it is.
    given(begun(), refused).when({ type: 'NoteReplaced', data: { channel, fingerprint: 'c', at: at(31) } }).then(over);
    given(begun(), refused).when({ type: 'NoteReplaced', data: { channel, fingerprint: 'a', at: at(31) } }).thenNothing();
    given(begun(), refused, over).when({ type: 'NoteReplaced', data: { channel, fingerprint: 'c', at: at(32) } }).thenNothing();
  });

  it('ING-02: a renewal that comes to nothing for now is begun again when it may be', () => {
    const off: SessionEvent = { type: 'SessionRenewalPutOff', data: { channel, why: 'no answer', nextAt: at(6) } };
    given(begun()).when({ type: 'PutOffRenewal', data: { channel, attempt: 1, why: 'no answer', nextAt: at(6) } }).then(off);
    given(begun(), off).when(begin(5, 'a', 'OVER')).thenNothing();
    given(begun(), off).when(begin(6)).then(begun(2, 6));
    expect(fold(session, [begun(), off])).toMatchObject({ status: 'waiting', why: 'no answer' });
  });
});
