import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, type MessageName } from '@flotilla/contracts';
import { MemoryUnit, specify } from '@flotilla/testing';
import { dossier, dossierOf, mostHeard, mostNotes, type DossierEvent } from '../decide/dossier.decider.js';
import { isOrdersOwn, noteFacts, notes, type NoteName } from './notes.js';

const golden = (type: MessageName): unknown => JSON.parse(readFileSync(new URL(`../../../../proto/golden/${type}.json`, import.meta.url), 'utf8'));
const factsOf = (type: NoteName, data: unknown): readonly DossierEvent[] => (notes[type] as (data: unknown) => readonly DossierEvent[])(parseMessage(type, data));
const { given } = specify(dossier);
const subject = '5b0c0c1e-6c1f-5a7e-9d0a-1f2e3d4c5b6a';
const raised = (incidentId: string): DossierEvent => ({ type: 'IncidentRaisedNoted', data: { subject, incidentId, rule: 'tracking-break', subjectKind: 'PARCEL', severity: 'WARNING', detail: '', detailZh: '', at: '2026-11-25T12:00:00.000Z' } });
const cleared = (incidentId: string): DossierEvent => ({ type: 'IncidentClearedNoted', data: { subject, incidentId, at: '2026-11-25T13:00:00.000Z' } });
const note = (fact: DossierEvent) => ({ type: 'NoteFact' as const, data: { fact } });

describe('what others say of an order', () => {
  it.each(Object.keys(notes) as NoteName[])('ORD-13: the golden example of %s is understood, and kept where the order finds it', (type) => {
    const data = golden(type) as Record<string, unknown>;
    const unit = new MemoryUnit();
    noteFacts(unit, factsOf(type, { ...data, ...('subjectId' in data ? { subjectId: subject } : {}), ...('subjectKind' in data ? { subjectKind: 'ORDER' } : {}) }));
    // What is acknowledged or cleared has to be known.
    const follows = type === 'flotilla.alerts.v1.IncidentAcknowledged' || type === 'flotilla.alerts.v1.IncidentCleared';
    const about = [data['orderId'], data['foId'], subject].filter((id) => typeof id === 'string' && id !== '');
    expect(unit.log.map(({ data: noted }) => about.includes((noted as { subject: string }).subject))).toEqual(follows ? [] : [true]);
  });

  it('ORD-13: of warehouses and SKUs nothing is kept', () => {
    for (const other of [{ subjectKind: 'SKU', subjectId: subject }, { subjectKind: 'ORDER', subjectId: '围巾 1' }, { subjectId: '围巾 1' }]) expect(isOrdersOwn(other)).toBe(false);
    for (const ours of [{ subjectKind: 'PARCEL', subjectId: subject }, { subjectId: subject }, null, { subjectId: 7 }]) expect(isOrdersOwn(ours)).toBe(true);
    given().when(note(cleared('i'))).thenNothing();
    given(raised('i')).when(note(cleared('i'))).then(cleared('i'));
  });

  it('ORD-13: a payment for several orders is noted with each, and what two statements say stands apart', () => {
    const data = golden('flotilla.settlement.v1.LineMatched') as Record<string, unknown>;
    const facts = factsOf('flotilla.settlement.v1.LineMatched', { ...data, orderId: '', shares: [{ orderId: 'a', amount: { amount: 1, currency: 'USD' } }, { orderId: 'b', amount: { amount: 2, currency: 'USD' } }, { orderId: '', amount: { amount: 3, currency: 'USD' } }] });
    expect(facts.map(({ data: { subject: order } }) => order)).toEqual(['a', 'b']);
    expect(facts.map(dossierOf)).toEqual(['a', 'b'].map((order) => `${order}.${String(data['statementId'])}`));
  });

  it('ORD-13: a dossier has an end, whoever writes into it; an incident that is in it still ends', () => {
    const full = Array.from({ length: mostNotes }, (_, n) => raised(`i${n}`));
    given(...full).when(note(raised('one more'))).thenNothing();
    given(...full).when(note(cleared('i7'))).then(cleared('i7'));
    given(...full, ...Array.from({ length: mostHeard - mostNotes }, () => cleared('i7'))).when(note(cleared('i8'))).thenNothing();
  });
});
