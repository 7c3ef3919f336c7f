import { describe, expect, it } from '@jest/globals';
import { readinessOf } from './readiness.js';

interface Told {
  has: boolean;
  stands: string[];
  ready(): boolean;
  stopped(): readonly { readonly topic: string; readonly partition: number; readonly reason: string }[];
}

const consumer = (): Told => ({
  has: false,
  stands: [],
  ready() {
    return this.has && this.stands.length === 0;
  },
  stopped() {
    return this.stands.map((reason) => ({ topic: 't', partition: 3, reason }));
  },
});

describe('what /readyz says of consumers', () => {
  it('OPS-05: calls come when each has had its partitions once, and go on while they are dealt anew', () => {
    const [one, two] = [consumer(), consumer()];
    const readiness = readinessOf(new Map([['one', one], ['two', two]]));
    expect(readiness.late()).toEqual(['consumer one has no partitions yet', 'consumer two has no partitions yet']);
    one.has = true;
    expect(readiness.late()).toEqual(['consumer two has no partitions yet']);
    [one.has, two.has] = [false, true];
    expect(readiness.late()).toEqual([]);
    two.has = false;
    expect(readiness.late()).toEqual([]);
    expect(readiness.remarks()).toEqual([]);
  });

  it('OPS-05: a partition that stands still is told, and takes nobody out of traffic, not even who has just started', () => {
    const one = consumer();
    one.has = true;
    one.stands = ['its parking lot is full'];
    const readiness = readinessOf(new Map([['one', one]]));
    expect(readiness.late()).toEqual([]);
    expect(readiness.remarks()).toEqual(['consumer one: t/3 stands still: its parking lot is full']);
  });
});
