import { readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { sources } from './registry.js';

it('TRK-01: every folder of a source stands in the registry, under its own name', () => {
  const folders = readdirSync('services/tracking/src/sources', { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  expect(sources.map(({ manifest }) => manifest.name).toSorted()).toEqual(folders.toSorted());
});
