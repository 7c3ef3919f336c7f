/*
 * Warehouses whose ledger is in this database answer in the append that asks: the question, the answer and what follows
 * from it are one unit, instead of two topics and four transactions between them. The protocol stays what it is, event by
 * event, and so do its rules. Questions and answers are published like all others, for whoever counts what is promised: the
 * questions as answered, so that no participant answers again; the answers as noted, so that the saga does not take them again.
 */
import type { lock as wire } from '@flotilla/contracts';
import type { Unit } from '@flotilla/event-store';
import { allocation } from '../decide/allocation.decider.js';
import { isQuestion, type AllocationEvent, type AllocationQuestion } from '../decide/allocation.events.js';
import type { Circumstances } from '../decide/allocation.owed.js';
import type { Ask } from '../decide/lock.decider.js';
import type { LockEvent, LockReply } from '../decide/lock.events.js';
import { answerConfirm, answerConsume, answerLock, answerRelease } from './participant.js';

const LONGEST = 1_000;

const open = { LockAsked: 'LOCK', ConfirmAsked: 'CONFIRM', ReleaseAsked: 'RELEASE', ConsumeAsked: 'CONSUME' } as const;

/** Answers the questions among these events that are put to warehouses at hand, and those that follow from the answers. All events, in order. */
export const answerAtHand = (unit: Unit, foId: string, events: readonly AllocationEvent[], now: Circumstances, leaseMs: number): readonly AllocationEvent[] => {
  const all = [...events];
  for (let index = 0; index < all.length; index += 1) {
    if (index > LONGEST) throw new Error(`the saga of ${foId} and its warehouses find no end`);
    const asked = all[index]!;
    if (!isQuestion(asked) || asked.data.atHand !== true) continue;
    // What an earlier answer led to may have made a question idle: another warehouse has won meanwhile.
    if (unit.state(allocation, foId).locks[asked.data.lockId]?.open !== open[asked.type]) continue;
    for (const reply of put(unit, asked, now.at, leaseMs).map(replyOf)) all.push(...unit.run(allocation, foId, { type: 'TakeReply', data: { reply, now } }));
  }
  return all;
};

// Answered as if it had been sent: without what only the saga knows of it.
const put = (unit: Unit, { type, data: { attempt: _attempt, at: _at, atHand: _atHand, ...asked } }: AllocationQuestion, at: string, leaseMs: number): readonly LockEvent[] => {
  const ask = { ...asked, noted: true };
  switch (type) {
    case 'LockAsked':
      return answerLock(unit, ask as Ask<wire.LockStock>, { at, leaseMs });
    case 'ConfirmAsked':
      return answerConfirm(unit, ask as Ask<wire.ConfirmStock>, { at, leaseMs });
    case 'ReleaseAsked':
      return answerRelease(unit, ask as Ask<wire.ReleaseStock>);
    case 'ConsumeAsked':
      return answerConsume(unit, ask as Ask<wire.ConsumeStock>);
  }
};

const replyOf = (event: LockEvent): LockReply => (event.type === 'LockAnswered' ? event.data.reply : event);
