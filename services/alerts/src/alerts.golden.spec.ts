import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, published, topics, type MessageName } from '@flotilla/contracts';
import { fold } from '@flotilla/decider';
import { upcast } from '@flotilla/event-store';
import { incident, type IncidentCommand } from './decide/incident.decider.js';
import type { IncidentEvent } from './decide/incident.events.js';

const at = '2026-11-21T10:30:00.000Z';
const golden = (type: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(`../../../proto/golden/flotilla.alerts.v1.${type}.json`, import.meta.url), 'utf8')) as Record<string, unknown>;
const shape = (value: object): unknown => Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typeof one]));

const raise: IncidentCommand = { type: 'Raise', data: golden('IncidentRaised') as never };
const incidentId = String(golden('IncidentRaised')['incidentId']);
const steps: readonly IncidentCommand[] = [
  raise,
  { type: 'Route', data: { incidentId, level: 0, targets: ['chat'], silencedBy: '', lookAt: at, version: 1 } },
  { type: 'Look', data: { now: at } },
  { type: 'Acknowledge', data: { incidentId, by: 'mei', at } },
  { type: 'Clear', data: { at } },
];

describe('ALR-01: golden examples of alerts', () => {
  const said = steps.reduce<readonly IncidentEvent[]>((events, command) => [...events, ...incident.decide(command, fold(incident, events))], []);
  it.each([...published[topics.alerts]])('%s is said in the golden shape', (type) => {
    const name = type.slice('flotilla.alerts.v1.'.length);
    expect(parseMessage(type as MessageName, golden(name))).toEqual(golden(name));
    expect(shape(said.find((event) => event.type === name)!.data)).toEqual(shape(golden(name)));
  });
  it.each([
    ['in one language', 1, { detailZh: '', orders: [] }],
    ['without its orders', 2, { orders: [] }],
  ])('an incident that was stored %s is lifted', (_, version, rest) => {
    const [stored] = JSON.parse(readFileSync(new URL(`../spec/stored/incident.v${version}.json`, import.meta.url), 'utf8')) as [{ type: string; data: object }];
    expect(upcast(incident, stored.type, version, stored.data)).toEqual({ version: 3, data: { ...stored.data, ...rest } });
  });
});
