import type { CarrierManifest } from '../carrier.js';

export const manifest: CarrierManifest = {
  name: 'sf',
  title: { zh: '顺丰速运', en: 'SF Express' },
  label: 'sf',
  services: ['STANDARD', 'EXPRESS'],
  numbers: [/^SF[0-9A-Z]\d{12}$/, /^\d{12}$/], // no public check digit: prefix and length are all there is
  platformCodes: { taobao: 'SF' },
  timeZone: 'Asia/Shanghai',
  ratePerSecond: 30, // of its sandbox; the contract's own limit is higher
  concurrency: 16,
};
