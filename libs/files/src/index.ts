export * from './places.js';
export * from './poll.js';
export * from './sftp.js';
export * from './spool.js';
export * from './table.js';
export { xlsxTable } from './workbook.js';
export { unpacked } from './zip.js';
