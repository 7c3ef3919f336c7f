import { create } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label as Label, FieldDescriptorProto_Type as Type, FileDescriptorProtoSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';

/** grpc/health/v1/health.proto as gRPC publishes it, for reflection: what answers is grpc-health-check. */
export const healthFile: FileDescriptorProto = create(FileDescriptorProtoSchema, {
  name: 'grpc/health/v1/health.proto',
  package: 'grpc.health.v1',
  syntax: 'proto3',
  messageType: [
    { name: 'HealthCheckRequest', field: [{ name: 'service', jsonName: 'service', number: 1, type: Type.STRING, label: Label.OPTIONAL }] },
    {
      name: 'HealthCheckResponse',
      field: [{ name: 'status', jsonName: 'status', number: 1, type: Type.ENUM, typeName: '.grpc.health.v1.HealthCheckResponse.ServingStatus', label: Label.OPTIONAL }],
      enumType: [{ name: 'ServingStatus', value: ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'].map((name, number) => ({ name, number })) }],
    },
  ],
  service: [
    {
      name: 'Health',
      method: [
        { name: 'Check', inputType: '.grpc.health.v1.HealthCheckRequest', outputType: '.grpc.health.v1.HealthCheckResponse' },
        { name: 'Watch', inputType: '.grpc.health.v1.HealthCheckRequest', outputType: '.grpc.health.v1.HealthCheckResponse', serverStreaming: true },
      ],
    },
  ],
});

/** google.rpc.ErrorInfo, so that a caller by reflection can read the details of an error. */
export const errorInfoFile: FileDescriptorProto = create(FileDescriptorProtoSchema, {
  name: 'google/rpc/error_details.proto',
  package: 'google.rpc',
  syntax: 'proto3',
  messageType: [
    {
      name: 'ErrorInfo',
      field: [
        { name: 'reason', jsonName: 'reason', number: 1, type: Type.STRING, label: Label.OPTIONAL },
        { name: 'domain', jsonName: 'domain', number: 2, type: Type.STRING, label: Label.OPTIONAL },
        { name: 'metadata', jsonName: 'metadata', number: 3, type: Type.MESSAGE, typeName: '.google.rpc.ErrorInfo.MetadataEntry', label: Label.REPEATED },
      ],
      nestedType: [
        {
          name: 'MetadataEntry',
          options: { mapEntry: true },
          field: [
            { name: 'key', jsonName: 'key', number: 1, type: Type.STRING, label: Label.OPTIONAL },
            { name: 'value', jsonName: 'value', number: 2, type: Type.STRING, label: Label.OPTIONAL },
          ],
        },
      ],
    },
  ],
});
