import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import { reflect } from './reflection.js';

const ask = (field: number, text: string): Uint8Array => new BinaryWriter().tag(1, WireType.LengthDelimited).string('host').tag(field, WireType.LengthDelimited).string(text).finish();
const answer = (request: Uint8Array, services: readonly string[] = []): { readonly echoed: Uint8Array | undefined; readonly kind: number; readonly parts: readonly Uint8Array[]; readonly code: number } => {
  const outer = new BinaryReader(reflect(request, services));
  let echoed: Uint8Array | undefined;
  let kind = 0;
  let code = 0;
  const parts: Uint8Array[] = [];
  while (outer.pos < outer.len) {
    const [field, wire] = outer.tag();
    if (wire !== WireType.LengthDelimited) throw new Error('unexpected');
    const bytes = outer.bytes();
    if (field === 2) echoed = bytes;
    else {
      kind = field;
      const inner = new BinaryReader(bytes);
      while (inner.pos < inner.len) {
        const [, innerWire] = inner.tag();
        if (innerWire === WireType.Varint) code = inner.int32();
        else parts.push(inner.bytes());
      }
    }
  }
  return { echoed, kind, parts, code };
};
const filesOf = (parts: readonly Uint8Array[]): readonly FileDescriptorProto[] => parts.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));

describe('reflection', () => {
  it('OPS-04: knows google.rpc.ErrorInfo, so that the details of an error can be read', () => {
    const { kind, parts } = answer(ask(4, 'google.rpc.ErrorInfo'));
    expect(kind).toBe(4);
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...filesOf(parts)] }));
    expect(registry.getMessage('google.rpc.ErrorInfo')?.fields.map(({ name, number }) => [name, number])).toEqual([['reason', 1], ['domain', 2], ['metadata', 3]]);
  });

  it('OPS-04: a symbol gives its file and all that it imports: enough to call it', () => {
    const request = ask(4, 'flotilla.settlement.v1.Statements');
    const { kind, parts, echoed } = answer(request);
    expect([kind, Buffer.from(echoed ?? [])]).toEqual([4, Buffer.from(request)]);
    const files = filesOf(parts);
    expect(files[0]?.service.map(({ name }) => name)).toContain('Statements');
    const names = new Set(files.map(({ name }) => name));
    for (const file of files) for (const dependency of file.dependency) expect(names).toContain(dependency);
    // protobuf-es needs them in order of dependency; whoever asks does the same
    const set = fromBinary(FileDescriptorSetSchema, toBinary(FileDescriptorSetSchema, { $typeName: 'google.protobuf.FileDescriptorSet', file: files.toReversed() }));
    expect(createFileRegistry(set).getService('flotilla.settlement.v1.Statements')?.methods.map(({ name }) => name)).toContain('Import');
  });

  it.each(['flotilla.settlement.v1.Statements.Get', 'flotilla.common.v1.Money', 'grpc.health.v1.Health'])('knows %s', (symbol) => expect(answer(ask(4, symbol)).parts.length).toBeGreaterThan(0));

  it('gives a file by its name, and lists what is served', () => {
    const [file] = filesOf(answer(ask(4, 'grpc.health.v1.Health')).parts);
    expect(filesOf(answer(ask(3, file!.name)).parts).map(({ name }) => name)).toEqual([file!.name]);
    const { kind, parts } = answer(ask(7, ''), ['flotilla.ops.v1.Tallies']);
    expect([kind, parts.map((part) => new TextDecoder().decode(part.slice(2)))]).toEqual([6, ['flotilla.ops.v1.Tallies']]);
  });

  it('says NOT_FOUND or UNIMPLEMENTED, and never throws at what it does not understand', () => {
    expect(answer(ask(4, 'flotilla.settlement.v1.Nothing')).code).toBe(5);
    expect(answer(ask(3, 'nothing.proto')).code).toBe(5);
    expect(answer(ask(6, 'flotilla.order.v1.Order')).code).toBe(12);
    expect(answer(new Uint8Array()).code).toBe(12);
  });
});
