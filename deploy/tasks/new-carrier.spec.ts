import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeCarrier } from './new-carrier.ts';

const root = join(import.meta.dirname, '..', '..');
const changed = ['services/carrier/src/perform/carriers/registry.ts', 'services/carrier/spec/played.ts', 'services/carrier/src/perform/gateways/kdniao/carriers.ts'];
let checkout: string;
const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'flotilla-new-carrier-'));
  for (const file of changed) cpSync(join(root, file), join(checkout, file));
});
afterEach(() => rmSync(checkout, { recursive: true }));

describe('CAR-03: the generator of carriers', () => {
  it('CAR-03: writes a folder of the one shape, its line, and who plays it', () => {
    const files = writeCarrier(checkout, ['village-post']);
    expect(files.map((file) => file.replace('services/carrier/src/perform/carriers/village-post/', ''))).toEqual([
      'manifest.ts', 'village-post.http.ts', 'village-post.messages.ts', 'fixtures/order.response.json', 'README.md', 'services/carrier/spec/fake-village-post.ts', ...changed.slice(0, 2),
    ]);
    expect(read(changed[0]!)).toMatch(/import \{ villagePostCarrier \} from '.\/village-post\/village-post.http.js';\n[^]*\[sf, own, villagePostCarrier, \.\.\.kdniaoCarriers\]/);
    expect(read(changed[1]!)).toContain("  'village-post': { fake: fakeVillagePost, url: 'FLOTILLA_VILLAGE_POST_URL', secret: 'FLOTILLA_VILLAGE_POST_SECRET', account: villagePostAccount },");
    // What it does not know says so, and the suite refuses a folder in which it still stands.
    for (const file of files.slice(0, 6)) expect([file, read(file).includes('TO BE WRITTEN')]).toEqual([file, true]);
  });

  it('CAR-03: writes a row where kdniao sells the carrier', () => {
    expect(writeCarrier(checkout, ['uc', '--kdniao', 'UC'])).toEqual([changed[2]]);
    expect(read(changed[2]!)).toMatch(/\n {2}uc: \{ code: 'UC', title: \{ zh: '', en: '' \}, numbers: \[\] \}, \/\/ TO BE WRITTEN[^\n]*\n\};/);
  });

  it.each([[['']], [['Sf']], [['../x']], [['a--b']], [['x'.repeat(33)]], [['uc', '--kdniao']], [['uc', '--kdniao', 'uc']], [['uc', '--other', 'UC']]])('CAR-03: refuses %j and writes nothing', (args) => {
    const before = changed.map(read);
    expect(() => writeCarrier(checkout, args)).toThrow(/npm run new:carrier/);
    expect(changed.map(read)).toEqual(before);
  });

  it('CAR-03: refuses a carrier that is there, and a place that is not there any more', () => {
    expect(() => writeCarrier(checkout, ['zto'])).toThrow('There is a carrier zto already');
    expect(() => writeCarrier(checkout, ['china-post', '--kdniao', 'YZPY'])).toThrow('There is a carrier china-post already');
    writeCarrier(checkout, ['village-post']);
    expect(() => writeCarrier(checkout, ['village-post'])).toThrow('There is a carrier village-post already');
    rmSync(join(checkout, changed[1]!));
    cpSync(join(root, 'package.json'), join(checkout, changed[1]!));
    expect(() => writeCarrier(checkout, ['other'])).toThrow(/has no ".*" any more/);
    expect(existsSync(join(checkout, 'services/carrier/src/perform/carriers/other'))).toBe(false);
  });
});
