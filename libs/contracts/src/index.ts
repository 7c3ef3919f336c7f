export * from './plain/index.js';
export * from './plain-codec.js';
export * from './service-ref.js';
export * from './grpc.js';
export * from './topics.js';
export * from './reasons.js';
export * from './access.js';
export * from './caller.js';
export { files } from './plain/files.js';
