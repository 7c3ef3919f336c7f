import type { CarrierAdapter } from './carrier.js';
import { sf } from './sf/sf.http.js';

/** Every carrier, one folder each. */
export const carriers: readonly CarrierAdapter[] = [sf];
