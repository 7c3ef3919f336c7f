import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ServiceName } from '@flotilla/tasks';
import { readProvenance, verifyProvenance, type Provenance } from './provenance.ts';
import type { LogEvent } from './sources.ts';

const [orderId, parcelId] = [randomUUID(), randomUUID()];
const [placedAt, paidAt, packedAt, shippedAt, deliveredAt] = [8, 9, 11, 12, 13].map((hour) => `2026-11-21T${String(hour).padStart(2, '0')}:00:00.000Z`);
const orders = [{ orderId, channel: 'woo-demo', channelOrderId: '1', lines: [] }];
const parcel = { parcelId, foId: orderId, orders, carrier: 'sf', waybill: 'SF1' };

/** What each service's log holds, chained as the append function does. */
const logs = () => {
  const all: { service: ServiceName; event: LogEvent }[] = [];
  const say = (service: ServiceName, stream: string, type: string, data: object): LogEvent => {
    const before = all.filter((one) => one.event.stream === stream);
    const event = { position: all.length + 1, stream, version: before.length + 1, id: randomUUID(), type, schemaVersion: 1, recordedAt: '1795255200123456', data: JSON.stringify(data), meta: '{"actor":"x"}' };
    const text = `${stream}\n${event.version}\n${event.id}\n1795255200123456\n${type}\n1\n${event.data}\n${event.meta}`;
    const hash = createHash('sha256').update(Buffer.from(before.at(-1)?.event.hash ?? '', 'hex')).update(text).digest('hex');
    all.push({ service, event: { ...event, hash } });
    return { ...event, hash };
  };
  return { all, say, sources: { stream: (service: ServiceName, stream: string) => Promise.resolve(all.filter((one) => one.service === service && one.event.stream === stream).map(({ event }) => event)) } };
};

const scene = () => {
  const world = logs();
  const { say } = world;
  say('order-core', `order-${orderId}`, 'ContentTaken', {});
  const placed = say('order-core', `order-${orderId}`, 'OrderPlaced', { orderId, placedAt, paidAt: '' });
  const paid = say('order-core', `order-${orderId}`, 'OrderPaid', { orderId, paidAt });
  const released = say('order-core', `fulfilment-${orderId}`, 'FulfilmentReleased', { ...parcel, warehouse: 'SZ1' });
  const packed = say('allocation', `floor-${parcelId}`, 'ParcelPacked', { parcelId, warehouse: 'SZ1', packedAt, by: 'mei' });
  const shipped = say('carrier', `parcel-${parcelId}`, 'ParcelShipped', { ...parcel, carrier: 'SF', waybill: 'sf 1', shippedAt });
  const delivered = say('tracking', 'shipment-sf.SF1', 'MilestoneReached', { ...parcel, milestone: 'MILESTONE_DELIVERED', occurredAt: deliveredAt, place: '深圳市' });
  const step = (name: string, at: string, detail: string, { stream, version, id, hash }: LogEvent) => ({ step: name, at, detail, event: { stream, version, id, hash } });
  const provenance: Provenance = {
    parcelId, orders: [orderId], carrier: 'sf', waybill: 'SF1',
    steps: [
      step('PLACED', placedAt!, '', placed), step('PAID', paidAt!, '', paid), step('RELEASED', '2026-11-21T10:00:00.123Z', 'SZ1', released),
      step('PACKED', packedAt!, 'SZ1', packed), step('SHIPPED', shippedAt!, 'sf', shipped), step('MILESTONE_DELIVERED', deliveredAt!, '深圳市', delivered),
    ],
  };
  return { ...world, provenance, say };
};

const faultsOf = async ({ sources }: Pick<ReturnType<typeof scene>, 'sources'>, provenance: Provenance): Promise<readonly string[]> => (await verifyProvenance(sources, provenance)).faults;
const changed = ({ steps, ...rest }: Provenance, n: number, over: object): Provenance => ({ ...rest, steps: steps.map((one, at) => (at === n ? { ...one, ...over } : one)) });

describe('a provenance held against the logs', () => {
  it('ORD-12: holds if every step is what the log of its service says', async () => {
    const { sources, provenance } = scene();
    expect(await verifyProvenance(sources, provenance)).toMatchObject({ holds: true, faults: [] });
  });

  it('ORD-12: names the step whose event was changed in the log, also where all later hashes were made to fit', async () => {
    const quiet = scene();
    const at = quiet.all.findIndex(({ event }) => event.type === 'ParcelPacked');
    const { event } = quiet.all[at]!;
    const forged = { ...event, data: event.data.replace(packedAt!, '2026-11-20T11:00:00.000Z') };
    quiet.all[at] = { service: 'allocation', event: forged };
    expect(await faultsOf(quiet, quiet.provenance)).toEqual([expect.stringMatching(/^step 4 \(PACKED\): content or hash of allocation floor-.* v1 was changed$/), expect.stringContaining('step 4 (PACKED): the time is')]);
    const text = `${forged.stream}\n1\n${forged.id}\n${forged.recordedAt}\n${forged.type}\n1\n${forged.data}\n${forged.meta}`;
    quiet.all[at] = { service: 'allocation', event: { ...forged, hash: createHash('sha256').update(text).digest('hex') } };
    expect(await faultsOf(quiet, quiet.provenance)).toEqual([expect.stringContaining('step 4 (PACKED): the hash is'), expect.stringContaining('step 4 (PACKED): the time is')]);
  });

  it('ORD-12: names an event that is gone, and one before which another was changed', async () => {
    const gone = scene();
    gone.all.splice(gone.all.findIndex(({ event }) => event.type === 'OrderPaid'), 1);
    expect(await faultsOf(gone, gone.provenance)).toEqual([`step 2 (PAID): the log has no order-core order-${orderId} v3`]);
    const before = scene();
    before.all[1] = { service: 'order-core', event: { ...before.all[1]!.event, hash: 'ab'.repeat(32) } };
    expect((await faultsOf(before, before.provenance)).map((fault) => fault.slice(0, 30))).toEqual([expect.stringMatching(/^step 1/), expect.stringMatching(/^step 1 \(PLACED\): the hash/), expect.stringMatching(/^step 2 \(PAID\): content or hash/)]);
  });

  it.each([
    ['another time', 0, { at: deliveredAt }, 'step 1 (PLACED): the time is'],
    ['another warehouse', 2, { detail: 'SH1' }, 'step 3 (RELEASED): the detail is SH1'],
    ['another carrier', 4, { detail: 'zto' }, 'step 5 (SHIPPED): the detail is zto'],
    ['a milestone that was not reached', 5, { step: 'MILESTONE_RETURNED' }, 'step 6 (MILESTONE_RETURNED): the milestone is MILESTONE_RETURNED'],
    ['a step that is told by another event', 1, { step: 'RELEASED' }, 'step 2 (RELEASED): order-core order-'],
    ['no event', 3, { event: null }, 'step 4 (PACKED): names no event'],
    ['a step of nobody', 3, { step: 'toString' }, 'step 4 (toString): there is no such step'],
  ])('ORD-12: names a step with %s', async (_, n, over, fault) => {
    const world = scene();
    expect((await faultsOf(world, changed(world.provenance, n, over))).join('\n')).toContain(fault);
  });

  it('ORD-12: names true events of another parcel or another order', async () => {
    const world = scene();
    const [otherOrder, otherParcel] = [randomUUID(), randomUUID()];
    const placed = world.say('order-core', `order-${otherOrder}`, 'OrderPlaced', { orderId: otherOrder, placedAt, paidAt: '' });
    const packed = world.say('allocation', `floor-${otherParcel}`, 'ParcelPacked', { parcelId: otherParcel, warehouse: 'SZ1', packedAt });
    expect(await faultsOf(world, changed(world.provenance, 3, { event: packed }))).toEqual([`step 4 (PACKED): the parcel is ${parcelId}, in allocation floor-${otherParcel} v1 ${otherParcel}`]);
    const foreign = changed(world.provenance, 0, { event: placed });
    expect(await faultsOf(world, foreign)).toEqual([`step 1 (PLACED): its event is of order ${otherOrder}, which is not among the orders`]);
    expect(await faultsOf(world, { ...foreign, orders: [orderId, otherOrder] })).toEqual([`order ${otherOrder}: no event of parcel ${parcelId} that is named here carries it`]);
    expect(await faultsOf(world, { ...world.provenance, waybill: 'SF2' })).toEqual([expect.stringContaining('the waybill is SF2')]);
  });

  it('ORD-12: what proves nothing does not hold, and what is no provenance is refused with what one is', async () => {
    const { sources, provenance } = scene();
    expect((await verifyProvenance(sources, { ...provenance, orders: [], steps: [] })).holds).toBe(false);
    const text = JSON.stringify({ format: 'flotilla.provenance.v1', ...provenance });
    expect(readProvenance(text)).toMatchObject(provenance);
    for (const wrong of ['', '{', 'null', '[]', '{}', JSON.stringify(provenance), text.replace('"steps":[', '"steps":[7,'), text.replace(/"version":\d+/, '"version":"1"'), text.replace('"orders":[', '"orders":[{},'), `${text}${' '.repeat(1_000_000)}`]) expect(() => readProvenance(wrong)).toThrow(/^That is no provenance: .*provenance\.json/);
  });
});
