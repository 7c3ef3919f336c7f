import { Refused } from '@flotilla/decider';

// JSON.stringify writes NUL and lone surrogates as escapes; an even run of backslashes before is data, an odd one is the escape.
const forbidden = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/**
 * JSON text of what will be stored. Refuses (`BAD_TEXT`) what Postgres would refuse, before the batch is built: one bad
 * command must not fail the others of its group.
 */
export const storableJson = (value: unknown, what: string): string => {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new Error(`${what} is not JSON`);
  if (text.includes('\\u') && forbidden.test(text)) {
    throw new Refused('BAD_TEXT', `${what} contains a NUL character or half of a surrogate pair; remove it`);
  }
  return text;
};

/** A stream's name: printable ASCII, at most 200 characters, else `BAD_TEXT`. */
export const checkedStream = (stream: string): string => {
  if (!/^[!-~]{1,200}$/.test(stream)) {
    throw new Refused('BAD_TEXT', 'a stream name must be printable ASCII without spaces, at most 200 characters', {
      stream: JSON.stringify(stream.slice(0, 200)),
    });
  }
  return stream;
};

/** The name of an event: printable ASCII; its bytes stand in the hashed line, so that a newline would be ambiguous. */
export const checkedType = (type: string): string => {
  if (!/^[!-~]+$/.test(type)) throw new Error(`not the name of an event: ${JSON.stringify(type)}`);
  return type;
};
