import type { Platform } from '../platform.js';
import { orders } from './orders.js';
import { sessions } from './sessions.js';
import { readTrade } from './trade.js';
import { cancel, writeBack } from './write-back.js';

/** Taobao and Tmall: trades pulled through TOP, shipments and closings sent there, sessions renewed. */
export const taobao: Platform = { name: 'taobao', title: 'Taobao / Tmall', read: readTrade, orders, writeBack, cancel, sessions };
