import { kdniaoCarriers } from '../gateways/kdniao/carriers.js';
import type { CarrierAdapter } from './carrier.js';
import { own } from './own/own.local.js';
import { sf } from './sf/sf.http.js';

/** Every carrier: those with a protocol of their own, one folder each, and those of a gateway, one row each. */
export const carriers: readonly CarrierAdapter[] = [sf, own, ...kdniaoCarriers];
