import { describe, expect, it } from '@jest/globals';
import { hashPassword, isPasswordHash, longestPassword, passwordMatches } from './password.js';

describe('passwords (OPS-07)', () => {
  it('are known again by their hash, which is another one each time and does not show them', async () => {
    const [one, other] = [await hashPassword('船队 Käpt’n'), await hashPassword('船队 Käpt’n')];
    expect(one).not.toBe(other);
    expect(isPasswordHash(one)).toBe(true);
    expect(one).not.toContain('船队');
    expect(await passwordMatches('船队 Käpt’n', one)).toBe(true);
    expect(await passwordMatches('船队 Käpt’n'.normalize('NFD'), other)).toBe(true);
    expect(await passwordMatches('船队 Kapt’n', one)).toBe(false);
  });
  it('match no hash that is none, and are none where they are too long', async () => {
    for (const hash of ['', 'plain', 'scrypt.32768.8.1.short.short']) expect(await passwordMatches('', hash)).toBe(false);
    const long = 'x'.repeat(longestPassword + 1);
    expect(await passwordMatches(long, await hashPassword(long))).toBe(false);
  });
});
