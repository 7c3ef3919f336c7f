import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { readCalled, readLock, readPush, readStock, toLock } from './cloudwms.messages.js';
import { isSigned, signCall } from './cloudwms.signature.js';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

describe('the messages of the cloud warehouse', () => {
  it('reads a lock and a refusal as they stand', () => {
    expect(readCalled(200, fixture('lock.locked.json'))).toEqual({ kind: 'is', said: { there: 'LOCKED', fence: 41, position: 41, reason: '', free: [] } });
    expect(readCalled(409, fixture('lock.refused.json'))).toEqual({ kind: 'is', said: { there: 'REFUSED', fence: 0, position: 40, reason: 'SHORT', free: [{ sku: 'MUG-1', quantity: 1 }] } });
  });

  it('ALC-09: only a lock is an answer; everything else is unclear, and 404 an answer to a question alone', () => {
    for (const [status, body] of [[500, '{}'], [401, '{}'], [429, '{}'], [200, '<html>'], [200, '{}'], [200, '{"lock":{"state":"GONE","fence":1,"position":1}}'], [409, '{}'], [404, '{"error":"NO_SUCH_WAREHOUSE"}']] as const) {
      expect([status, body, readLock(status, body, true).kind]).toEqual([status, body, 'unclear']);
    }
    expect(readLock(404, '{"error":"LOCK_NOT_FOUND"}', true)).toEqual({ kind: 'not-known' });
    expect(readCalled(404, '{"error":"LOCK_NOT_FOUND"}').kind).toBe('unclear');
  });

  it('reads levels and differences with their positions, and refuses what has none', () => {
    expect(readPush(fixture('push.levels.json'))).toEqual({
      meaning: 'SELLABLE', sequence: 7,
      figures: [{ sku: 'MUG-1', figure: 12, unsellable: 1, position: 88, delta: null }, { sku: 'TEE-2', figure: -2, unsellable: 0, position: 88, delta: { previous: 80 } }],
    });
    expect(() => readPush('{')).toThrow('not JSON');
    expect(() => readPush('{"meaning":"PHYSICAL","items":[{"sku":"A","quantity":1}]}')).toThrow();
    expect(() => readPush('{"meaning":"ABOUT","items":[]}')).toThrow('meaning');
    expect(() => readPush('{"meaning":"PHYSICAL","items":[{"sku":"茶","quantity":1,"position":1}]}')).toThrow('cannot be a SKU');
    expect(readStock('{"meaning":"PHYSICAL","items":[],"next":500}').next).toBe(500);
  });

  it('writes a lock with its lines summed by the caller', () =>
    expect(toLock({ lockId: 'L', foId: 'F', lines: [{ sku: 'A', quantity: 2 }], keepUntil: '2026-11-22T00:00:00.000Z' })).toEqual({ reference: 'F', lines: [{ sku: 'A', quantity: 2 }], keepUntil: '2026-11-22T00:00:00.000Z' }));
});

describe('the signatures of the cloud warehouse', () => {
  const now = new Date('2026-11-22T00:00:00.000Z');
  const timestamp = String(now.getTime() / 1_000);
  const body = Buffer.from('{"meaning":"PHYSICAL","items":[]}');
  const headers = (secret: string, at = timestamp) => ({ 'webhook-id': 'm1', 'webhook-timestamp': at, 'webhook-signature': `v1,bad v1,${createHmac('sha256', secret).update(`m1.${at}.${body.toString()}`).digest('base64')}` });

  it('ALC-09: a push must be signed over its bytes with the target’s secret, now', () => {
    expect(isSigned('secret-1', headers('secret-1'), body, now)).toBe(true);
    expect(isSigned('secret-1', headers('secret-2'), body, now)).toBe(false);
    expect(isSigned('secret-1', headers('secret-1'), Buffer.from(`${body.toString()} `), now)).toBe(false);
    expect(isSigned('secret-1', headers('secret-1', String(Number(timestamp) - 301)), body, now)).toBe(false);
    expect(isSigned('secret-1', {}, body, now)).toBe(false);
  });

  it('a call is signed over method, path, time and body', () => {
    const signed = signCall('s', 'PUT', '/v1/locks/1', '1', '{}');
    expect(new Set([signed, signCall('s', 'POST', '/v1/locks/1', '1', '{}'), signCall('s', 'PUT', '/v1/locks/2', '1', '{}'), signCall('s', 'PUT', '/v1/locks/1', '2', '{}'), signCall('s', 'PUT', '/v1/locks/1', '1', '{ }')]).size).toBe(5);
  });
});
