import { jsonOf, storable } from '@flotilla/values';
import type { Unclear } from './carriers/carrier.js';

// What gateways answer is read as it comes: nothing about it is certain.

export const unclear = (detail: string): Unclear => ({ kind: 'unclear', detail: storable(detail.trim(), 300) });

/** A text, or a number as one, as it can be kept; "" for all else. Longer than anybody's words it is cut, unless it is something to read. */
export const text = (value: unknown, longest = 500): string => (typeof value === 'string' ? storable(value, longest) : typeof value === 'number' ? String(value) : '');

/** A number, or a text of one; `otherwise` for all else. */
export const number = (value: unknown, otherwise: number): number => (text(value) === '' ? otherwise : Number(text(value)));

export const record = (value: unknown): Readonly<Record<string, unknown>> | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined);

/** The objects of a list; one alone may stand without its list. */
export const list = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? (value as unknown[]) : [value]).map(record).filter((one) => one !== undefined);

/** undefined: no JSON that can be walked, or no object. */
export const parse = (json: unknown): Readonly<Record<string, unknown>> | undefined => (typeof json === 'string' ? record(jsonOf(json)) : undefined);
