import { describe, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { incident } from './incident.decider.js';

const at = '2026-11-30T10:00:00.000Z';
const later = '2026-11-30T10:05:00.000Z';
const raised = { type: 'IncidentRaised', data: { incidentId: 'i', rule: 'sku-frozen', subjectKind: 'SKU', subjectId: 'MUG', severity: 'CRITICAL', detail: 'd', detailZh: '详', raisedAt: at, orders: [] } } as const;
const routed = (level: number, lookAt: string, silencedBy = '') => ({ type: 'IncidentRouted', data: { incidentId: 'i', level, targets: ['chat'], silencedBy, lookAt, version: 1 } }) as const;
const escalated = (level: number) => ({ type: 'IncidentEscalated', data: { incidentId: 'i', subjectId: 'MUG', level, escalatedAt: later } }) as const;
const taken = { type: 'IncidentAcknowledged', data: { incidentId: 'i', subjectId: 'MUG', by: 'mei', acknowledgedAt: later } } as const;
const escalate = (reason: string) => ({ type: 'Escalate', data: { incidentId: 'i', by: 'jon', reason, at: later } }) as const;
const remark = { type: 'Remark', data: { incidentId: 'i', by: 'jon', text: 'counting the shelf', at: later } } as const;
const remarked = (text: string) => ({ type: 'IncidentRemarked', data: { incidentId: 'i', by: 'jon', text, at: later } }) as const;

describe('ALR-02: an incident in people’s hands', () => {
  const { given } = specify(incident);

  it('goes to the next role when somebody wants it to, with the reason as a remark', () => {
    given(raised, routed(0, '2026-11-30T10:15:00.000Z')).when(escalate('the line stands still')).then(escalated(1), remarked('the line stands still'));
    given(raised, routed(0, '2026-11-30T10:15:00.000Z')).when(escalate('')).then(escalated(1));
  });
  it('goes there also while it is silenced', () => given(raised, routed(0, '2026-12-01T00:00:00.000Z', 's1')).when(escalate('')).then(escalated(0)));
  it('goes no further than the policy names somebody, and not twice while it is on its way', () => {
    given(raised, routed(1, '')).when(escalate('')).thenRefused('NOBODY_LEFT');
    given(raised, routed(0, '2026-11-30T10:15:00.000Z'), escalated(1)).when(escalate('')).thenRefused('NOBODY_LEFT');
  });
  it('is nobody else’s once somebody has it in hand', () => given(raised, routed(0, '2026-11-30T10:15:00.000Z'), taken).when(escalate('')).thenRefused('INCIDENT_IN_HAND'));
  it('takes remarks as long as it is remembered, and none of what never was', () => {
    given(raised, taken).when(remark).then(remarked('counting the shelf'));
    given().when(remark).thenRefused('NOT_FOUND');
    given().when(escalate('')).thenRefused('NOT_FOUND');
  });
});
