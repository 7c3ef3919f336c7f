import type { PlatformWaybills } from '../carriers/carrier.js';
import { cainiao } from './cainiao/cainiao.http.js';

/** Every platform whose masked recipients only its own e-waybills reach. */
export const platformWaybills: readonly PlatformWaybills[] = [cainiao];
