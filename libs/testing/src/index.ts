export * from './crashable.js';
export * from './database.js';
export * from './eventually.js';
export * from './hostile.js';
export * from './memory-unit.js';
export * from './quiet-log.js';
export * from './specify.js';
export * from './tcp-proxy.js';
