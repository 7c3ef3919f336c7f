import type { BusRecord } from './bus.js';

// A sealed text holds 64 KiB of UTF-8; a UTF-16 unit is at most three bytes.
const piece = 20_000;

/** A record in sealed pieces, joined by spaces. */
export const sealRecord = async (record: BusRecord, seal: (text: string, key: string) => Promise<string>): Promise<string> => {
  const { value, headers, timestamp } = record;
  // base64: whatever made the message bad, its bytes come back as they were
  const text = JSON.stringify({ value: value?.toString('base64') ?? null, headers, timestamp }).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += piece) pieces.push(await seal(text.slice(at, at + piece), record.key));
  return pieces.join(' ');
};

/** The record again; `undefined` if its key was erased. */
export const openRecord = async (
  parked: { readonly payload: string; readonly offset: number; readonly key: string },
  open: (sealed: string, key: string) => Promise<string | undefined>,
): Promise<BusRecord | undefined> => {
  const pieces: string[] = [];
  for (const sealed of parked.payload.split(' ')) {
    const text = await open(sealed, parked.key);
    if (text === undefined) return undefined;
    pieces.push(text);
  }
  const { value, headers, timestamp } = JSON.parse(pieces.join('')) as { value: string | null; headers: Record<string, string>; timestamp: number };
  return { offset: parked.offset, key: parked.key, value: value === null ? null : Buffer.from(value, 'base64'), headers, timestamp };
};
