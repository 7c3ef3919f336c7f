import type { CarrierManifest } from '../carrier.js';
import { isOwnNumber } from './numbers.js';

/** The merchant's own stores, couriers and lorries. */
export const manifest: CarrierManifest = {
  name: 'own',
  title: { zh: '自营配送', en: 'Own delivery' },
  label: 'own',
  services: ['PICKUP', 'SAME_CITY', 'BULKY'],
  numbers: [{ test: isOwnNumber }],
  platformCodes: {},
  timeZone: 'Asia/Shanghai',
  ratePerSecond: 1_000, // nobody outside is asked
  concurrency: 16,
};
