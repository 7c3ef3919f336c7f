import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { bulkReplay, type BulkReplayCommand, type BulkReplayEvent } from './bulk-replay.decider.js';

const { given } = specify(bulkReplay);
const at = '2026-11-30T10:00:00.000Z';
const begun: BulkReplayEvent = { type: 'BulkReplayBegun', data: { id: 'b', channel: 'shop', entries: ['e1', 'e2'], at, who: 'caller:ann' } };
const note = (entry: string): BulkReplayCommand & { type: 'NoteReplayed' } => ({ type: 'NoteReplayed', data: { id: 'b', entry, orderId: 'o', state: 'PLACED', reason: '', at } });

describe('a bulk replay', () => {
  it('ING-14: begins once, however often it is asked for', () => given(begun).when({ type: 'BeginBulkReplay', data: begun.data as never }).thenNothing());
  it('ING-14: notes what became of each entry, in order and once', () => {
    given(begun).when(note('e1')).then({ type: 'EntryReplayed', data: note('e1').data });
    given(begun, { type: 'EntryReplayed', data: note('e1').data }).when(note('e1')).thenNothing();
    given(begun).when(note('e2')).thenNothing();
  });
});
