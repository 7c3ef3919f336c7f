import { BinaryReader } from '@bufbuild/protobuf/wire';
import { errorInfoOf } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { Conflict } from '@flotilla/event-store';
import { quietLog } from '@flotilla/testing';
import grpc from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { errorInfo } from '../spec/error-info.js';
import { explain, rpcError } from './rpc-status.js';

const send = (error: unknown) => {
  const log = quietLog();
  const { code, details, metadata } = rpcError(error, log, 'flotilla.settlement.v1.Statements/Get');
  return { code, details, info: errorInfo(metadata!), log };
};

describe('what a caller gets to know of an error', () => {
  it('OPS-04: a refusal in full: code, message, reason, domain and metadata', () => {
    const { code, details, info, log } = send(new Refused('UNKNOWN_SKU', '没有 SKU “S-1”', { sku: 'S-1', empty: '' }));
    expect([code, details]).toEqual([grpc.status.FAILED_PRECONDITION, '没有 SKU “S-1”']);
    expect(info).toEqual({ code: 9, message: '没有 SKU “S-1”', type: 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'UNKNOWN_SKU', domain: 'flotilla', metadata: { sku: 'S-1', empty: '' } });
    expect(log.lines).toEqual([]);
  });

  it('OPS-04: quotes a stranger in whole characters: half of one would end the process that sends it', () => {
    const { details, info } = send(new Refused('BAD_REQUEST', `there is no "${'😀'.slice(0, 1)}"`));
    expect([details, info.message]).toEqual(['there is no "\ufffd"', 'there is no "\ufffd"']);
  });

  it('OPS-04: nothing of an error that is ours: the log has it', () => {
    const { code, details, info, log } = send(new Error('password of the database is 123'));
    expect([code, info.reason]).toEqual([grpc.status.INTERNAL, 'INTERNAL']);
    expect(details + info.message).not.toContain('123');
    expect(log.lines).toMatchObject([{ level: 'error', fields: { method: 'flotilla.settlement.v1.Statements/Get', err: { message: 'password of the database is 123' } } }]);
  });

  it('ABORTED for a conflict, UNAVAILABLE for what passes by itself', () => {
    expect(send(new Conflict(['order-1']))).toMatchObject({ code: grpc.status.ABORTED, info: { reason: 'CONFLICT' } });
    const away = send(Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }));
    expect(away).toMatchObject({ code: grpc.status.UNAVAILABLE, info: { reason: 'UNAVAILABLE' } });
    expect(away.details).not.toContain('10.0.0.1');
    expect(explain(Object.assign(new Error('14 UNAVAILABLE: no connection'), { code: 14, details: 'no connection' })).reason).toBe('UNAVAILABLE');
  });

  it('is INTERNAL for a reason that nobody registered', () => {
    expect(send(new Refused('NOBODY_KNOWS', 'x')).code).toBe(grpc.status.INTERNAL);
  });

  it('fits in trailers', () => {
    const { details, info } = send(new Refused('BAD_REQUEST', '字'.repeat(100_000)));
    expect(Array.from(details ?? '')).toHaveLength(500);
    expect(info.message).toBe(details);
    expect(encodeURI(details ?? '').length).toBeLessThan(8_192);
  });

  it('OPS-04: may quote a stranger, cut in the middle of a character', () => {
    const { details } = send(new Refused('BAD_REQUEST', `"${`${'x'.repeat(39)}😀`.slice(0, 40)}" is no SKU`));
    expect(() => encodeURI(details ?? '')).not.toThrow();
    expect(details).toContain('\ufffd" is no SKU');
  });

  it('OPS-04: a value that the database cannot take is the caller’s fault', () =>
    expect(send(Object.assign(new Error('invalid input syntax for type timestamp: "x"'), { code: '22007' }))).toMatchObject({ code: grpc.status.INVALID_ARGUMENT, info: { reason: 'BAD_REQUEST' } }));

  it('reads as protobuf to its last byte', () => {
    const bytes = rpcError(new Refused('NOT_FOUND', 'x', { a: 'b' }), quietLog(), 'm').metadata!.get('grpc-status-details-bin')[0] as Buffer;
    const reader = new BinaryReader(bytes);
    const fields: number[] = [];
    while (reader.pos < reader.len) {
      const [field, wire] = reader.tag();
      fields.push(field);
      reader.skip(wire);
    }
    expect(fields).toEqual([1, 2, 3]);
  });

  it('OPS-04: our own clients read reason and metadata from the trailers, and nothing from what is none', () => {
    const trailers = rpcError(new Refused('ALREADY_SHIPPED', '已发货', { parcel: 'p-1', warehouse: '杭州' }), quietLog(), 'm').metadata!;
    expect(errorInfoOf(trailers)).toEqual({ reason: 'ALREADY_SHIPPED', metadata: { parcel: 'p-1', warehouse: '杭州' } });
    const broken = new grpc.Metadata();
    broken.set('grpc-status-details-bin', Buffer.from([0x1a, 0xff, 0xff]));
    for (const none of [undefined, new grpc.Metadata(), broken]) expect(errorInfoOf(none)).toBeUndefined();
  });
});
