import type { Platform } from '../platform.js';
import { readRows } from './delivery.js';

/** Orders in files, CSV or XLSX, of any channel. There is nothing to write back to. */
export const csv: Platform = { name: 'csv', title: 'Files (CSV, XLSX)', read: readRows };
