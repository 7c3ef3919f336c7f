import { describe, expect, it } from '@jest/globals';
import { TicketDesk, type Change } from './tickets.js';

const change = (kind: Change['kind'], sequence: number, rest: Partial<Change> = {}): Change => ({ ticketId: 't', eventId: `e${sequence}`, kind, sequence, severity: 'WARNING', level: 0, acknowledgedBy: '', ...rest });

describe('a ticket desk', () => {
  it('ORD-13: opens, updates and closes a ticket, and takes each word once', () => {
    const desk = new TicketDesk();
    const words = [change('raised', 1), change('raised', 1), change('acknowledged', 2, { acknowledgedBy: 'mei' }), change('cleared', 4, { acknowledgedBy: 'mei' }), change('acknowledged', 2)];
    expect(words.map((word) => desk.take(word, word.kind))).toEqual([true, true, true, true, true]);
    expect(desk.tickets()).toEqual([{ ticketId: 't', state: 'closed', severity: 'WARNING', level: 0, assignee: 'mei', kinds: ['raised', 'acknowledged', 'cleared'], sequence: 4 }]);
    expect(desk.deliveries(1).map(({ text, repeat }) => `${text} ${repeat}`)).toEqual(['raised true', 'acknowledged false', 'cleared false', 'acknowledged true']);
  });
  it('ORD-13: refuses what comes before its ticket was opened, behind a later word, a second opening and what comes after the end', () => {
    const desk = new TicketDesk();
    const words = [change('cleared', 2), change('raised', 3), change('raised', 4), change('escalated', 2), change('cleared', 5), change('escalated', 6)];
    expect(words.map((word) => desk.take(word, ''))).toEqual([false, true, false, false, true, false]);
  });
});
