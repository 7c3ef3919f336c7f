export * from './places.js';
export * from './poll.js';
export * from './sftp.js';
