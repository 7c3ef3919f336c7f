import { describe, expect, it } from '@jest/globals';
import { planJourney } from './journey.js';
import { SfParcels, SfRefusal } from './parcels.js';

const order = (orderId: string, address = '南山区科技南路1号') => ({ orderId, contactInfoList: [{ contactType: 2, city: '深圳市', address }] });
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'done';
  } catch (error) {
    return error instanceof SfRefusal ? error.code : String(error);
  }
};

describe('SF parcels', () => {
  it('CAR-04: gives every order one number and no number twice', () => {
    const parcels = new SfParcels(() => 0);
    const numbers = Array.from({ length: 2_000 }, (_, index) => parcels.create(order(`o${index}`)).waybill);
    expect(new Set(numbers).size).toBe(2_000);
    expect(numbers.every((number) => /^SF\d{13}$/.test(number))).toBe(true);
    expect(codeOf(() => parcels.create(order('o7')))).toBe('8016');
    expect(parcels.find('o7').waybill).toBe(numbers[7]);
    expect(codeOf(() => parcels.find('never'))).toBe('8024');
  });
  it('carries nothing to places out of reach', () => {
    const parcel = new SfParcels(() => 0).create(order('far', '戈壁滩不可达哨所'));
    expect(parcel).toMatchObject({ filterResult: 3, waybill: '' });
  });
  it('cancels again and again, but not once it has the parcel', () => {
    const parcels = new SfParcels(() => 0);
    parcels.create(order('a'));
    expect(parcels.cancel('a').cancelledAt).toBe(parcels.cancel('a').cancelledAt);
    const shipped = parcels.create(order('b'));
    expect(parcels.handOver(parcels.find('a').waybill)).toBeUndefined();
    parcels.handOver(shipped.waybill);
    expect(codeOf(() => parcels.cancel('b'))).toBe('8252');
  });
  it('TRK-01: a parcel travels over business time from pickup to signature, the same way each time', () => {
    let now = 0;
    const parcels = new SfParcels(() => now);
    const { waybill } = parcels.create(order('a'));
    const parcel = parcels.handOver(waybill);
    if (parcel === undefined) throw new Error('handed over');
    expect(parcels.scans(parcel)).toEqual([]);
    now = 2 * 3_600_000;
    parcels.handOver(waybill);
    expect(parcels.scans(parcel).map(({ opCode }) => opCode)).toEqual(['50']);
    now = 10 * 86_400_000;
    expect(parcels.scans(parcel).at(-1)?.opCode).toBe('80');
    expect(parcel.journey).toEqual(planJourney(parcel));
  });
  it('among many journeys are failed attempts, lockers, scans in one second, missing places, and every way of pushing', () => {
    const plans = Array.from({ length: 400 }, (_, index) => planJourney({ waybill: `SF${index}`, from: '深圳市', to: '杭州市', abroad: index % 5 === 0 }));
    const scans = plans.flatMap((plan) => plan.scans);
    expect(new Set(plans.map(({ kind }) => kind))).toEqual(new Set(['smooth', 'failed-attempt', 'locker']));
    expect(new Set(scans.map(({ push }) => push))).toEqual(new Set(['once', 'twice', 'late', 'withheld']));
    expect(scans.some(({ place }) => place === '')).toBe(true);
    expect(plans.some(({ scans: own }) => own.some((scan, index) => scan.afterMs === own[index + 1]?.afterMs))).toBe(true);
    expect(plans.every(({ scans: own }) => own.every((scan, index) => index === 0 || scan.afterMs >= (own[index - 1]?.afterMs ?? 0)))).toBe(true);
  });
});
