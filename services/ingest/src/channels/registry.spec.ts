import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { platformName, platforms } from './registry.js';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).toSorted();
const registered = platforms(() => Promise.reject(new Error('not asked')));

describe('the registry of platforms', () => {
  it('ING-01: has one line per folder', () => {
    expect([...registered.keys()].toSorted()).toEqual(folders);
    for (const [name, platform] of registered) expect(platform.name).toBe(name);
  });

  it.each(folders)('ING-01: %s has a manifest, a README and fixtures', (folder) => {
    for (const part of ['manifest.ts', 'README.md', 'fixtures']) expect([part, existsSync(join(import.meta.dirname, folder, part))]).toEqual([part, true]);
  });

  it('ING-02: nothing that the generator left to be written is there', () => {
    const written = folders.flatMap((folder) => readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' }).filter((file) => /\.(?:ts|md|json)$/.test(file)).map((file) => join(import.meta.dirname, folder, file)));
    expect(written.length).toBeGreaterThan(folders.length * 3);
    expect([...written, join(import.meta.dirname, '../../spec/channel-examples.ts')].filter((file) => readFileSync(file, 'utf8').includes('TO BE WRITTEN'))).toEqual([]);
  });

  it('ING-01: short names stand for the folders', () => expect(['topic', 'woo', 'shopify', 'csv'].map(platformName)).toEqual(['connector', 'woocommerce', 'shopify', 'csv']));
});
