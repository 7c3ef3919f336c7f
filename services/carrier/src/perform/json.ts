import { jsonOf } from '@flotilla/values';
import type { Unclear } from './carriers/carrier.js';

// What gateways answer is read as it comes: nothing about it is certain.

export const unclear = (detail: string): Unclear => ({ kind: 'unclear', detail: detail.trim() });

/** A text, or a number as one; "" for all else. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');

export const record = (value: unknown): Readonly<Record<string, unknown>> | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined);

/** The objects of a list; one alone may stand without its list. */
export const list = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? (value as unknown[]) : [value]).map(record).filter((one) => one !== undefined);

/** undefined: no JSON, or no object. */
export const parse = (json: string): Readonly<Record<string, unknown>> | undefined => record(jsonOf(json));
