import { describe, expect, it } from '@jest/globals';
import { ANSWERING, Faults, PUSHING } from './faults.js';

describe('faults', () => {
  it('strike as often as asked, where asked', () => {
    const faults = new Faults();
    faults.add({ target: 'sf', kind: 'reset', operation: 'CREATE', count: 2 });
    expect(faults.strike('sf', 'EXP_RECE_SEARCH_ROUTES', ANSWERING)).toBeUndefined();
    expect(faults.strike('shopify', 'CREATE', ANSWERING)).toBeUndefined();
    expect(faults.strike('sf', 'CREATE', PUSHING)).toBeUndefined();
    expect([1, 2, 3].map(() => faults.strike('sf', 'EXP_RECE_CREATE_ORDER', ANSWERING)?.kind)).toEqual(['reset', 'reset', undefined]);
    expect(faults.list()[0]?.hits).toBe(2);
  });
  it('strike once if neither count nor probability is given, and by chance, repeatably', () => {
    const hits = (): number => {
      const faults = new Faults(3);
      faults.add({ target: 'sf', kind: 'drop', probability: 0.25 });
      return Array.from({ length: 400 }, () => faults.strike('sf', 'push', PUSHING)).filter((fault) => fault !== undefined).length;
    };
    expect(hits()).toBe(hits());
    expect(hits()).toBeGreaterThan(60);
    expect(hits()).toBeLessThan(140);
    const once = new Faults();
    once.add({ target: 'smtp', kind: 'error-500' });
    expect([once.strike('smtp', '', ANSWERING)?.kind, once.strike('smtp', '', ANSWERING)]).toEqual(['error-500', undefined]);
  });
});
