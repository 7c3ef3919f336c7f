import type { CarrierAdapter } from './carrier.js';
import { own } from './own/own.local.js';
import { sf } from './sf/sf.http.js';
import { yto } from './yto/yto.gateway.js';
import { zto } from './zto/zto.gateway.js';

/** Every carrier, one folder each. */
export const carriers: readonly CarrierAdapter[] = [sf, own, zto, yto];
