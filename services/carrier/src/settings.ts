import { z } from 'zod';
import { carriers } from './perform/carriers/registry.js';
import { platformWaybills } from './perform/gateways/platforms.js';

const own = {
  FLOTILLA_CARRIER_TIMEOUT_MS: z.coerce.number().int().min(100).max(60_000).default(10_000).describe('how long one call to a carrier may take'),
  FLOTILLA_CARRIER_RATE: z.coerce.number().positive().max(10_000).optional().describe('calls per second to each carrier, as agreed with it; without it what its manifest says'),
} as const;

/** Carrier's own environment variables, and those of each carrier's folder (which reads them itself, so that they have no type here). */
export const config = Object.assign({}, ...carriers.map((carrier) => carrier.config), ...platformWaybills.map((platform) => platform.config), own) as typeof own;
