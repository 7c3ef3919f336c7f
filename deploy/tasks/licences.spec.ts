import { describe, expect, it } from '@jest/globals';
import { dependencies, isAllowed, refused } from './licences.ts';

describe('licences of what is installed', () => {
  it('OPS-07: all are on the list', () => {
    const all = dependencies();
    expect(all.length).toBeGreaterThan(400);
    expect(refused(all)).toEqual([]);
  });

  it('OPS-07: one that is not on the list, or is not named, is found', () => {
    const lock = { packages: { '': {}, 'node_modules/good': { version: '1.0.0', license: 'MIT' }, 'node_modules/copyleft': { version: '1.0.0', license: 'GPL-3.0-only' }, 'node_modules/builds': { version: '1.0.0', license: 'MPL-2.0', dev: true }, 'node_modules/runs': { version: '1.0.0', license: 'MPL-2.0' }, 'deploy/x/node_modules/silent': { version: '2.0.0' }, 'node_modules/@flotilla/x': { link: true } } };
    expect(refused(dependencies(lock)).map(({ name }) => name)).toEqual(['copyleft', 'runs', 'silent']);
    expect(['MIT OR GPL-2.0', '(MIT AND Zlib)', 'Apache-2.0 AND MIT'].map(isAllowed)).toEqual([true, false, true]);
  });
});
