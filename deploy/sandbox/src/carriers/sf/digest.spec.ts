import { describe, expect, it } from '@jest/globals';
import { digestOf, javaUrlEncode } from './digest.js';

describe('SF digest', () => {
  it('CAR-04: agrees with the vector of the documentation', () => {
    const msgData = '{"language":"zh-CN","orderId":"QIAO-20200618-004"}';
    expect(digestOf(msgData, '12312334453453', 'fjcg5PGKaNpPSHFAZ4QsCOkV71R3zVci')).toBe('IIKJtuLVzoFTu4kHI8M8vA==');
  });
  it('encodes as Java does: space, star, tilde, quotes, Chinese', () => {
    expect(javaUrlEncode("a b*c~d'e(f)!-_.顺")).toBe('a+b*c%7Ed%27e%28f%29%21-_.%E9%A1%BA');
  });
  it('changes with every part', () => {
    const digests = [digestOf('{}', '1', 'x'), digestOf('{} ', '1', 'x'), digestOf('{}', '2', 'x'), digestOf('{}', '1', 'y')];
    expect(new Set(digests).size).toBe(4);
  });
});
