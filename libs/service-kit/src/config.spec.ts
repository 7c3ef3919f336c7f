import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { BadConfiguration, commonConfig, readConfig } from './config.js';

const good = {
  FLOTILLA_HTTP_PORT: '8106',
  FLOTILLA_GRPC_PORT: '9106',
  FLOTILLA_DATABASE_URL: 'postgres://service:secret@127.0.0.1/settlement',
  FLOTILLA_KAFKA_BROKERS: '127.0.0.1:9092',
  FLOTILLA_PARKED_KEY: randomBytes(32).toString('base64'),
};
const faultsOf = (env: Readonly<Record<string, string | undefined>>, shape: z.ZodRawShape = {}): string => {
  try {
    readConfig(env, shape);
  } catch (error) {
    expect(error).toBeInstanceOf(BadConfiguration);
    return (error as Error).message;
  }
  return '';
};

describe('configuration', () => {
  it('OPS-05: reads numbers, flags and defaults, and the names that the service adds', () => {
    const config = readConfig({ ...good, FLOTILLA_REFLECTION: 'false', FLOTILLA_WAVE: '3', PATH: '/bin' }, { FLOTILLA_WAVE: z.coerce.number() });
    expect(config).toMatchObject({ FLOTILLA_HTTP_PORT: 8106, FLOTILLA_REFLECTION: false, FLOTILLA_DATABASE_POOL: 12, FLOTILLA_WAVE: 3, FLOTILLA_HOST: '127.0.0.1' });
    expect(config).not.toHaveProperty('PATH');
  });

  it('OPS-05: names every fault at once, unknown names among them', () => {
    const faults = faultsOf({ ...good, FLOTILLA_HTTP_PORTS: '1', FLOTILLA_HTTP_PORT: undefined, FLOTILLA_INGEST_GRPC: 'http://ingest', FLOTILLA_PARKED_KEY: 'short', FLOTILLA_WAVE: 'x' }, { FLOTILLA_WAVE: z.coerce.number() });
    expect(faults.split('\n').slice(1).map((line) => line.trim())).toEqual([
      'FLOTILLA_HTTP_PORTS: not known here',
      'FLOTILLA_HTTP_PORT: not set (port of HTTP, probes and metrics; 0 takes a free one)',
      'FLOTILLA_INGEST_GRPC: must be host:port',
      'FLOTILLA_PARKED_KEY: must be 32 bytes in base64',
      expect.stringMatching(/^FLOTILLA_WAVE: /),
    ]);
  });

  it('takes an empty value for none: no port 0 by mistake', () => {
    expect(faultsOf({ ...good, FLOTILLA_HTTP_PORT: '' })).toContain('FLOTILLA_HTTP_PORT: not set');
    expect(readConfig({ ...good, FLOTILLA_CLOCK: '', FLOTILLA_DATABASE_POOL: '' }, {})).toMatchObject({ FLOTILLA_DATABASE_POOL: 12 });
  });

  it('checks the clock, and refuses what setInterval cannot count', () => {
    expect(faultsOf({ ...good, FLOTILLA_CLOCK: 'fast' })).toContain('FLOTILLA_CLOCK="fast" is not <epoch as ISO or milliseconds>@<rate above 0>');
    expect(faultsOf({ ...good, FLOTILLA_ANCHOR_SECONDS: '99999999' })).toContain('FLOTILLA_ANCHOR_SECONDS');
    expect(faultsOf({ ...good, FLOTILLA_CLOCK: '2026-11-21T00:00:00Z@60' })).toBe('');
  });

  it('repeats no value: some are secrets', () => {
    expect(faultsOf({ ...good, FLOTILLA_DATABASE_URL: 'hunter2', FLOTILLA_PARKED_KEY: 'hunter2', FLOTILLA_LOG_LEVEL: 'hunter2' })).not.toContain('hunter2');
  });

  it('lets the names of specs through', () => {
    expect(faultsOf({ ...good, FLOTILLA_TEST_DATABASE_URL: 'x' })).toBe('');
  });
});

describe('the table in README.md', () => {
  it('OPS-05: names what is read, as it is described', () => {
    const rows = [...readFileSync(new URL('../README.md', import.meta.url), 'utf8').matchAll(/^\| `(FLOTILLA_\w+)` \| (.+?) \| .+ \|$/gm)].map(([, name, meaning]) => [name, meaning]);
    expect(rows).toEqual(Object.entries(commonConfig).map(([name, type]) => [name, type.description]));
  });
});
