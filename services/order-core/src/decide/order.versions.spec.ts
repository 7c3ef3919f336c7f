import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fold, type Message } from '@flotilla/decider';
import { upcast } from '@flotilla/event-store';
import { order } from './order.decider.js';
import type { OrderEvent } from './order.events.js';
import { schemaVersions } from './order.versions.js';

const stored = JSON.parse(readFileSync(new URL('../../spec/stored/order.v1.json', import.meta.url), 'utf8')) as readonly Message[];

describe('what was stored before orders had custom fields', () => {
  it('ING-07: is lifted to the version that is written now, and folds to an order without any', () => {
    const known: Readonly<Record<string, number>> = schemaVersions;
    const lifted = stored.map(({ type, data }) => ({ type, ...upcast(order, type, 1, data) }));
    expect(lifted.map(({ type, version }) => [type, version])).toEqual(Object.entries(known));
    expect(lifted.map(({ data }) => data)).toEqual(stored.map(({ data }) => ({ ...(data as object), custom: [] })));
    expect(fold(order, lifted as unknown as readonly OrderEvent[])).toMatchObject({ shipTo: { city: 'Salem' }, placed: { number: '#1001' } });
    expect(fold(order, lifted as unknown as readonly OrderEvent[])).not.toHaveProperty('custom');
  });
});
