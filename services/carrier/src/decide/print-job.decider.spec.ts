import { describe, expect, it } from '@jest/globals';
import { fold, Refused } from '@flotilla/decider';
import { specify } from '@flotilla/testing';
import { jobIdOf, papersIdOf, printJob, type PrintJobCommand } from './print-job.decider.js';
import type { PrintFailure, PrintJobEvent, QueuedPaper } from './print-job.events.js';

const { given } = specify(printJob);
const at = '2026-11-30T10:00:00.000Z';
const paper: Omit<QueuedPaper, 'copy'> = { parcelId: 'p1', document: 'LABEL', station: 'pack-1', printer: 'zebra', format: 'ZPL', size: '100x150', waybill: 'SF1', number: '#1001', reason: '', by: 'caller:mei', at };
const queue = (change: Partial<QueuedPaper> = {}): PrintJobCommand => ({ type: 'Queue', data: { ...paper, ...change } });
const queued = (copy = 1, change: Partial<QueuedPaper> = {}): PrintJobEvent => ({ type: 'PrintQueued', data: { ...paper, ...change, copy } });
const send = (journal = 'j1', holds = false): PrintJobCommand => ({ type: 'Send', data: { copy: 1, journal, holds, at } });
const sent = (attempt = 1, journal = 'j1'): PrintJobEvent => ({ type: 'PrintSent', data: { copy: 1, attempt, journal, at } });
const settle = (outcome: 'PRINTED' | 'FAILED' | 'UNKNOWN', journal = 'j1'): PrintJobCommand => ({ type: 'Settle', data: { copy: 1, journal, outcome, detail: 'said so', at } });
const done: PrintJobEvent = { type: 'PrintDone', data: { copy: 1, at } };
const failed = (because: PrintFailure, detail = 'said so'): PrintJobEvent => ({ type: 'PrintFailed', data: { copy: 1, because, detail, at } });
const drop = (reason = 'the order was called off'): PrintJobCommand => ({ type: 'Drop', data: { copy: 1, reason, at } });

describe('CAR-06: a print job', () => {
  it('is queued once', () => given().when(queue()).then(queued()));
  it.each([
    ['waits', [queued()]],
    ['is with the agent', [queued(), sent()]],
    ['was printed', [queued(), sent(), done]],
    ['may have been printed', [queued(), sent(), failed('UNKNOWN')]],
  ] as const)('is not queued again without a reason while it %s', (_, events) => given(...events).when(queue()).thenRefused('ALREADY_PRINTED'));
  it('names the job that is there', () => {
    let refusal: unknown;
    try {
      printJob.decide(queue(), fold(printJob, [queued(), sent()]));
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(Refused);
    expect((refusal as Refused).metadata).toEqual({ jobId: 'p1.LABEL.1', state: 'SENT', station: 'pack-1', at });
  });
  it('is printed again by somebody who says why, as another copy', () => given(queued(), sent(), done).when(queue({ reason: ' smudged ', by: 'caller:bo' })).then(queued(2, { reason: 'smudged', by: 'caller:bo' })));
  it('blanks are no reason', () => given(queued(), sent(), done).when(queue({ reason: '  ' })).thenRefused('ALREADY_PRINTED'));
  it.each(['PRINTER', 'REFUSED', 'DROPPED'] as const)('needs none after it failed for certain: %s', (because) => given(queued(), sent(), failed(because)).when(queue()).then(queued(2)));
  it('needs none when the parcel has another waybill', () => given(queued(), sent(), done).when(queue({ waybill: 'SF2' })).then(queued(2, { waybill: 'SF2' })));

  it('is given to the agent that asks', () => given(queued()).when(send()).then(sent()));
  it('is not given again to an agent that has it', () => given(queued(), sent()).when(send('j1', true)).thenNothing());
  it('is given again to an agent that died before it had it', () => given(queued(), sent()).when(send()).then(sent(2)));
  it('is given up when it never arrives', () => given(queued(), sent(1), sent(2), sent(3), sent(4), sent(5)).when(send()).then(failed('PRINTER', 'it was given to the print agent 5 times, and never arrived there')));
  it('is in doubt when another memory asks: nobody prints it twice silently', () => given(queued(), sent()).when(send('j2')).then(failed('UNKNOWN', 'the print agent that had it is gone, or has lost its memory: look whether it was printed')));
  it.each([['printed', done], ['failed', failed('PRINTER')]] as const)('is not given once it is %s', (_, event) => given(queued(), sent(), event).when(send()).thenNothing());

  it('is printed when its agent says so, however often', () => {
    given(queued(), sent()).when(settle('PRINTED')).then(done);
    given(queued(), sent(), done).when(settle('PRINTED')).thenNothing();
    given(queued(), sent(), done).when(settle('FAILED')).thenNothing();
  });
  it('fails when its agent says so, and is in doubt when it does not know', () => {
    given(queued(), sent()).when(settle('FAILED')).then(failed('PRINTER'));
    given(queued(), sent()).when(settle('UNKNOWN')).then(failed('UNKNOWN'));
    given(queued(), sent(), failed('UNKNOWN')).when(settle('UNKNOWN')).thenNothing();
  });
  it('a word that comes late ends the doubt', () => given(queued(), sent(), failed('UNKNOWN')).when(settle('PRINTED')).then(done));
  it('nobody else’s word counts', () => {
    given(queued(), sent()).when(settle('PRINTED', 'j2')).thenNothing();
    given(queued()).when(settle('PRINTED', '')).thenNothing();
  });

  it('is refused when there is nothing to draw', () => {
    given(queued(), sent()).when({ type: 'Refuse', data: { copy: 1, detail: 'VOIDED: called off', at } }).then(failed('REFUSED', 'VOIDED: called off'));
    given(queued(), sent(), done).when({ type: 'Refuse', data: { copy: 1, detail: 'VOIDED', at } }).thenNothing();
  });
  it('is given up by people, who say why; what the printer has stays in doubt', () => {
    given(queued()).when(drop(' ')).thenRefused('BAD_REQUEST');
    given(queued()).when(drop()).then(failed('DROPPED', 'the order was called off'));
    given(queued(), sent()).when(drop()).then(failed('UNKNOWN', 'the order was called off'));
    given(queued(), sent(), failed('UNKNOWN')).when(drop('it was not')).then(failed('DROPPED', 'it was not'));
    given(queued(), failed('DROPPED')).when(drop()).thenNothing();
    given(queued(), sent(), done).when(drop()).thenRefused('ALREADY_PRINTED');
  });
  it('a copy that is not there is not found', () => given().when(send()).thenRefused('NOT_FOUND'));
  it('has a name that tells parcel, paper and copy', () => expect([jobIdOf({ ...paper, copy: 2 }), papersIdOf('p1', 'CARD')]).toEqual(['p1.LABEL.2', 'p1.CARD']));
});
