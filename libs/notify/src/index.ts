export * from './handed.js';
export * from './smtp.js';
export * from './sms.js';
