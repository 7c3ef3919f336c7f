import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { parseExact } from './exact-json.js';

describe('JSON of a platform', () => {
  it('ING-01: whoever keeps the id of an order does not keep what it came in', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap = (): number => {
      collect();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    const before = heap();
    // 64 MB, were each body held by its id.
    const ids = Array.from({ length: 1_000 }, (_, n) => (parseExact(Buffer.from(`{"id":${17_961_302_732_560 + n},"note":"${'x'.repeat(64 * 1_024)}"}`)) as { id: string }).id);
    expect(heap() - before).toBeLessThan(16);
    expect(ids[999]).toBe('17961302733559');
  });
});
