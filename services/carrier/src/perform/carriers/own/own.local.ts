import type { CarrierAdapter, CreateAnswer, PurchaseOrder } from '../carrier.js';
import { manifest } from './manifest.js';
import { numberOf } from './numbers.js';

const noRouting = { origin: '', destination: '', sorting: '', matrix: '' };

const create = ({ reference, service, sender, recipient }: PurchaseOrder): CreateAnswer => {
  if (!manifest.services.includes(service)) return { kind: 'refused', reason: 'CARRIER_REFUSED', detail: `own has no service ${service}; it has ${manifest.services.join(', ')}` };
  if (service !== 'PICKUP' && sender.country !== recipient.country) return { kind: 'refused', reason: 'NOT_DELIVERABLE', detail: `own does not leave ${sender.country}` };
  return { kind: 'issued', waybill: numberOf(reference), routing: noRouting };
};

/** The merchant as its own carrier. Nobody is asked: a number follows from its reference, so every answer is certain and the same again. */
export const own: CarrierAdapter = {
  manifest,
  config: {},
  connect: () => ({
    create: (order) => Promise.resolve(create(order)),
    // What was refused was never given a number, and is not asked for: a refusal is certain.
    ask: ({ reference }) => Promise.resolve({ kind: 'issued', waybill: numberOf(reference), routing: noRouting }),
    cancel: () => Promise.resolve({ kind: 'voided' }),
  }),
};
