import { Refused } from '@flotilla/decider';
import { deepest, depthOf } from '@flotilla/values';

const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * JSON of a platform: `parseExact('{"id":820982911946154508,"price":10.50}')` = `{ id: '820982911946154508', price: '10.50' }`.
 * Every number stays the text that was sent, since ids exceed 2^53 and money must not pass through a floating-point
 * number. A BOM is dropped, of duplicate keys the last holds. Refused BAD_TEXT if the bytes are no UTF-8, BAD_JSON if
 * they are no JSON or nested deeper than 64; the message quotes nothing of the text, which may be personal.
 */
export const parseExact = (bytes: Uint8Array): unknown => {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    throw new Refused('BAD_TEXT', 'the body is not UTF-8');
  }
  // The reviver recurses per level: without a bound a body of brackets would exhaust the stack.
  if (depthOf(text) > deepest) throw new Refused('BAD_JSON', `the body is nested deeper than ${deepest} levels`);
  try {
    return JSON.parse(text, asSent) as unknown;
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    throw new Refused('BAD_JSON', position === undefined ? 'the body is not JSON' : `the body is not JSON: wrong at character ${position}`);
  }
};

/** Writes a number with exactly these digits: `JSON.stringify({ id: digits('820982911946154508') })`. */
export const digits = (text: string): unknown => {
  if (!/^\d{1,30}$/.test(text)) throw new Error('an id of the platform is not a number');
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
};

function asSent(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number') return value;
  // V8 gives a slice of the body: whoever keeps an order's id would keep the whole of what it came in.
  return context?.source === undefined ? String(value) : Buffer.from(context.source, 'latin1').toString('latin1');
}
