import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { published, topics as named } from '@flotilla/contracts';
import { aclsOf, kafkaAccess } from './kafka-access.ts';
import { serviceNames } from './fleet.ts';
import { root } from './paths.ts';
import { topics } from './topics.ts';

const sources = (service: string): string =>
  globSync(`services/${service}/src/**/*.ts`, { cwd: root }).filter((file) => !/\.spec\.ts$|participant\.service\.ts$/.test(file)).map((file) => readFileSync(join(root, file), 'utf8')).join('\n');

const subscribed = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/[tT]opics(?::| =) \[((?:topics\.\w+(?:, )?)+)\]/g)].flatMap(([, list]) => list!.split(', ').map((one) => named[one.slice('topics.'.length) as keyof typeof named])))].toSorted();

describe('who reads and writes which topic', () => {
  const access = kafkaAccess();

  it.each(serviceNames)('OPS-07: %s may read what its consumers subscribe to, and nothing else', (service) => {
    expect(subscribed(sources(service)).length).toBeGreaterThan(0);
    expect(access[service]!.reads.toSorted()).toEqual(subscribed(sources(service)));
  });

  it.each(serviceNames)('OPS-07: %s may write what it publishes, and nothing else', (service) => {
    const own = service === 'order-core' ? 'order' : service;
    const packages = new Set([`flotilla.${own}.v1`, ...(service === 'allocation' ? ['flotilla.lock.v1'] : [])]);
    const writes = Object.entries(published).filter(([, types]) => types.some((type) => packages.has(type.slice(0, type.lastIndexOf('.'))))).map(([topic]) => topic);
    // A refusal to a connector is said by ingest in the connectors' own words.
    expect(access[service]!.writes.toSorted()).toEqual([...writes, ...(service === 'ingest' ? ['channel-orders.v1.dlq'] : [])].toSorted());
  });

  it('OPS-07: names topics that there are, and each is written by somebody', () => {
    const there = topics().map(({ name }) => name);
    const all = Object.values(access).flatMap(({ reads, writes }) => [...reads, ...writes]);
    expect(all.filter((topic) => !there.includes(topic))).toEqual([]);
    const written = new Set(aclsOf().filter(({ operation }) => operation === 4).map(({ resourceName }) => resourceName));
    expect(there.filter((topic) => !written.has(topic) && !topic.endsWith('.dlq'))).toEqual([]);
  });

  it('OPS-07: gives nobody more than to read and to write: no topic is made, changed or deleted, and no name stands for many topics', () => {
    expect([...new Set(aclsOf().map(({ operation }) => operation))].toSorted()).toEqual([3, 4]);
    expect(aclsOf().filter(({ resourceType, resourcePatternType }) => resourceType === 2 && resourcePatternType !== 3)).toEqual([]);
    expect(aclsOf().some(({ resourceName }) => resourceName === '*')).toBe(false);
    expect(aclsOf().filter(({ principal, operation }) => principal === 'User:verify' && operation === 4)).toEqual([]);
  });
});
