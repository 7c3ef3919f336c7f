export * from './plain/index.js';
export * from './plain-codec.js';
export * from './service-ref.js';
export * from './error-info.js';
export * from './grpc.js';
export * from './topics.js';
export * from './reasons.js';
export { files } from './plain/files.js';
