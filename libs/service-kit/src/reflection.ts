import { toBinary, type DescFile } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { files } from '@flotilla/contracts';
import grpc from '@grpc/grpc-js';
import { errorInfoFile, healthFile } from './well-known-protos.js';

// Server reflection, v1 and v1alpha (the same messages). By hand, since the npm package fails on well-known types.
// ServerReflectionRequest { host = 1; oneof: file_by_filename = 3; file_containing_symbol = 4; …; list_services = 7 }
// ServerReflectionResponse { valid_host = 1; original_request = 2; file_descriptor_response = 4 { repeated bytes = 1 };
//   list_services_response = 6 { repeated service = 1 { name = 1 } }; error_response = 7 { code = 1; message = 2 } }

interface Known {
  readonly bytes: Uint8Array;
  readonly symbols: readonly string[];
  readonly dependencies: readonly string[];
}

const known = new Map<string, Known>([
  [healthFile.name, { bytes: toBinary(FileDescriptorProtoSchema, healthFile), symbols: ['grpc.health.v1.Health', 'grpc.health.v1.HealthCheckRequest', 'grpc.health.v1.HealthCheckResponse'], dependencies: [] }],
  [errorInfoFile.name, { bytes: toBinary(FileDescriptorProtoSchema, errorInfoFile), symbols: ['google.rpc.ErrorInfo'], dependencies: [] }],
]);
const collect = (file: DescFile): void => {
  if (known.has(file.proto.name)) return;
  known.set(file.proto.name, {
    bytes: toBinary(FileDescriptorProtoSchema, file.proto),
    symbols: [...file.messages, ...file.enums, ...file.services].map(({ typeName }) => typeName),
    dependencies: file.dependencies.map(({ proto }) => proto.name),
  });
  file.dependencies.forEach(collect);
};
files.forEach(collect);

const holding = (symbol: string): string | undefined =>
  [...known].find(([, { symbols }]) => symbols.some((name) => symbol === name || symbol.startsWith(`${name}.`)))?.[0];

/** The file and all that it imports, each before its own imports: a caller can then build it without asking again. */
const closure = (name: string): readonly Uint8Array[] => {
  const seen = new Set<string>();
  const deepestFirst: Uint8Array[] = [];
  const visit = (one: string): void => {
    const file = known.get(one);
    if (!file || seen.has(one)) return;
    seen.add(one);
    file.dependencies.forEach(visit);
    deepestFirst.push(file.bytes);
  };
  visit(name);
  return deepestFirst.toReversed();
};

/** Answers one request. Exported for its spec. */
export const reflect = (request: Uint8Array, services: readonly string[]): Uint8Array => {
  const reader = new BinaryReader(request);
  let asked: { readonly field: number; readonly text: string } | undefined;
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (wire === WireType.LengthDelimited && field >= 3) asked = { field, text: reader.string() };
    else reader.skip(wire);
  }
  const answer = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(request);
  const fail = (code: number, message: string): Uint8Array =>
    answer.tag(7, WireType.LengthDelimited).fork().tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(message).join().finish();
  switch (asked?.field) {
    case 3:
    case 4: {
      const file = asked.field === 3 ? asked.text : holding(asked.text);
      if (!file || !known.has(file)) return fail(grpc.status.NOT_FOUND, `${asked.text} is not known here`);
      answer.tag(4, WireType.LengthDelimited).fork();
      for (const bytes of closure(file)) answer.tag(1, WireType.LengthDelimited).bytes(bytes);
      return answer.join().finish();
    }
    case 7:
      answer.tag(6, WireType.LengthDelimited).fork();
      for (const name of services) answer.tag(1, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(name).join();
      return answer.join().finish();
    default:
      return fail(grpc.status.UNIMPLEMENTED, 'only files, symbols and the list of services are served');
  }
};

/** Adds both versions of the reflection service for these services. */
export const addReflection = (server: grpc.Server, services: readonly string[]): void => {
  for (const version of ['v1', 'v1alpha']) {
    const name = `grpc.reflection.${version}.ServerReflection`;
    server.addService(
      {
        ServerReflectionInfo: {
          path: `/${name}/ServerReflectionInfo`,
          requestStream: true,
          responseStream: true,
          requestSerialize: (bytes: Buffer) => bytes,
          requestDeserialize: (bytes: Buffer) => bytes,
          responseSerialize: (bytes: Buffer) => bytes,
          responseDeserialize: (bytes: Buffer) => bytes,
        },
      },
      {
        ServerReflectionInfo: (call: grpc.ServerDuplexStream<Buffer, Buffer>) => {
          call.on('data', (request: Buffer) => {
            // Thrown in here, it would end the process.
            try {
              if (!call.writableEnded && !call.write(Buffer.from(reflect(request, services.toSorted())))) {
                call.pause();
                call.once('drain', () => call.resume());
              }
            } catch {
              call.emit('error', { code: grpc.status.INVALID_ARGUMENT, details: 'this is no question to reflection' });
              call.removeAllListeners('data');
            }
          });
          call.on('end', () => call.end());
        },
      },
    );
  }
};
