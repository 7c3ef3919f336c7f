import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeChannel } from './new-channel.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = 'services/ingest/src/channels';
const changed = [`${folder}/registry.ts`, 'services/ingest/spec/channel-examples.ts'];
let checkout: string;
const read = (file: string): string => readFileSync(join(checkout, file), 'utf8');

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'flotilla-new-channel-'));
  for (const file of changed) cpSync(join(root, file), join(checkout, file));
});
afterEach(() => rmSync(checkout, { recursive: true }));

describe('ING-02: the generator of channels', () => {
  it('ING-02: writes a folder of the one shape, its line, and the example that the suite runs over', () => {
    const files = writeChannel(checkout, ['village-shop']);
    expect(files.map((file) => file.replace(`${folder}/village-shop/`, ''))).toEqual(['manifest.ts', 'signature.ts', 'delivery.ts', 'order.ts', 'api.ts', 'orders.ts', 'write-back.ts', 'fixtures/order.json', 'README.md', ...changed]);
    expect(read(changed[0]!)).toMatch(/import \{ villageShop \} from '.\/village-shop\/manifest.js';\n[^]*, villageShop, connector\(openPersonal\)/);
    expect(read(changed[1]!)).toMatch(/\n {2}'village-shop': \{\n[^]*village-shop\/fixtures\/order.json/);
    // What it does not know says so, and the suite refuses a folder in which it still stands.
    for (const file of files.filter((one) => one !== changed[0])) expect([file, read(file).includes('TO BE WRITTEN')]).toEqual([file, true]);
  });

  it('ING-02: writes every file that a folder of a platform which sends and is asked has', () => {
    writeChannel(checkout, ['village']);
    const shape = ['manifest.ts', 'signature.ts', 'delivery.ts', 'order.ts', 'orders.ts', 'write-back.ts', 'README.md', 'fixtures'];
    for (const file of shape) expect([file, existsSync(join(root, folder, 'woocommerce', file)), existsSync(join(checkout, folder, 'village', file))]).toEqual([file, true, true]);
    expect(read(changed[1]!)).toContain('\n  village: {\n');
  });

  it.each([[[]], [['']], [['Etsy']], [['../x']], [['a--b']], [['x'.repeat(33)]], [['two', 'names']]])('ING-02: refuses %j and writes nothing', (args) => {
    const before = changed.map(read);
    expect(() => writeChannel(checkout, args)).toThrow(/npm run new:channel/);
    expect(changed.map(read)).toEqual(before);
  });

  it('ING-02: refuses a platform that is there, also under a short name, and a place that is not there any more', () => {
    for (const name of ['topic', 'woo', 'tmall']) expect(() => writeChannel(checkout, [name])).toThrow(`There is a platform ${name} already`);
    writeChannel(checkout, ['village-shop']);
    expect(() => writeChannel(checkout, ['village-shop'])).toThrow('There is a platform village-shop already');
    rmSync(join(checkout, changed[1]!));
    cpSync(join(root, 'package.json'), join(checkout, changed[1]!));
    expect(() => writeChannel(checkout, ['other'])).toThrow(/has no ".*" any more/);
    expect(existsSync(join(checkout, folder, 'other'))).toBe(false);
  });
});
