import { randomBytes } from 'node:crypto';
import { seal } from '@flotilla/values';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Writable } from 'node:stream';
import { createLog } from './log.js';

describe('the log', () => {
  const written: string[] = [];
  const to = new Writable({ write: (chunk: Buffer, _encoding, done) => (written.push(chunk.toString()), done()) });
  const log = () => createLog('settlement', 'info', to);
  const line = (): Record<string, unknown> => JSON.parse(written.at(-1) ?? '{}') as Record<string, unknown>;
  beforeEach(() => void (written.length = 0));

  it('OPS-07: holds no name, phone, address, e-mail or sealed text', () => {
    const sealed = seal(randomBytes(32), 'subject-1', 'name', 'Maria Lopez');
    log().info({ orderId: 'o-1', shipTo: { name: 'Maria Lopez', phone: '+8613800138000', street: 'Main 5', city: 'Berlin' }, buyer: { email: 'maria@example.org' }, text: sealed, lines: [{ recipient: 'Maria Lopez' }] }, 'placed');
    for (const personal of ['Maria', 'Lopez', '13800138000', 'Main 5', 'maria@', sealed]) expect(written[0]).not.toContain(personal);
    expect(line()).toMatchObject({ level: 'info', service: 'settlement', msg: 'placed', orderId: 'o-1', shipTo: { city: 'Berlin' }, text: 'sealed.v1.subject-1…' });
  });

  it('OPS-07: of an error its type, message, code and cause; not what hangs on it', () => {
    const error = Object.assign(new Error('it broke\nMaria Lopez', { cause: new TypeError('deep') }), { code: 'E1', row: { phone: '+8613800138000' }, request: 'Maria Lopez' });
    log().error({ err: error }, 'failed');
    expect(line()).toMatchObject({ level: 'error', err: { type: 'Error', message: expect.stringMatching('it broke'), code: 'E1', cause: { type: 'TypeError', message: 'deep' } } });
    expect(JSON.stringify((line()['err'] as object)).replace(/"message":"[^"]*"/, '')).not.toMatch(/Maria|13800138000/);
    expect((line()['err'] as { stack: string[] }).stack.length).toBeLessThanOrEqual(5);
  });

  it('OPS-07: sealed texts in a message of ours are shortened too', () => {
    const sealed = seal(randomBytes(32), 'subject-1', 'name', 'Maria Lopez');
    log().warn({ err: new Error(`cannot open ${sealed}, next`) }, 'no');
    expect(written[0]).not.toContain(sealed);
    expect(written[0]).toContain('cannot open sealed.v1.subject-1…, next');
  });

  it('survives cycles, and says nothing below its level', () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle['self'] = cycle;
    log().info({ cycle }, 'round');
    expect(line()).toMatchObject({ msg: 'round' });
    log().debug({}, 'quiet');
    expect(written).toHaveLength(1);
  });
});
