import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseMessage, published, topics, type MessageName } from '@flotilla/contracts';
import type { ParcelCommand } from './decide/parcel.decider.js';
import { after, commands, external, uncovered, release, ways } from '../spec/parcels.js';

const golden = (type: string): unknown => JSON.parse(readFileSync(new URL(`../../../proto/golden/${type}.json`, import.meta.url), 'utf8'));
const shape = (value: unknown): unknown =>
  Array.isArray(value) ? [...new Set(value.map((one) => JSON.stringify(shape(one))))] : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shape(one)])) : typeof value;

const said: Readonly<Record<string, readonly ParcelCommand[]>> = {
  WaybillIssued: ways.WAYBILLED,
  ParcelShipped: ways.SHIPPED,
  ParcelVoided: ways.VOIDED,
  CancelRefused: [...ways.SHIPPED, commands.cancel],
  ParcelChanged: [commands.change, ...ways.WAYBILLED],
  ChangeRefused: [...ways.SHIPPED, commands.change],
  ParcelShippedExternally: [external.plan, external.shipped],
  CarrierRefused: [{ type: 'Plan', data: { release, chosen: uncovered } }],
};

describe('golden examples of carrier', () => {
  it.each([...published[topics.parcel]])('%s is whole and valid', (type) => {
    const example = golden(type);
    expect(parseMessage(type as MessageName, example)).toEqual(example);
  });

  it.each(Object.entries(said))('%s is said in the golden shape', (type, steps) => {
    const event = after(...steps).findLast((one) => one.type === type);
    expect(shape(event?.data)).toEqual(shape(golden(`flotilla.carrier.v1.${type}`)));
  });
});
