/*
 * Events of an order that were stored in another form; a form that was ever written stays readable.
 *
 * type          1 → 2
 * OrderPlaced   the channel's custom fields stand in it
 * OrderAmended  the same
 */
import type { order } from '@flotilla/contracts';

/** The version in which each type is written now. */
export const schemaVersions = { OrderPlaced: 2, OrderAmended: 2 } as const;

/** Lifts what was stored in older versions. */
export const upcasters = {
  OrderPlaced: { 1: (data: Omit<order.OrderPlaced, 'custom'>): order.OrderPlaced => ({ ...data, custom: [] }) },
  OrderAmended: { 1: (data: Omit<order.OrderAmended, 'custom'>): order.OrderAmended => ({ ...data, custom: [] }) },
};
