import { fieldOf, isSealed, maskEmail, maskName, maskPhone } from '@flotilla/values';
import { may, seePersonalData, type Method } from './methods.js';
import type { Person } from './sessions.js';

const sealedText = /sealed\.v1\.[A-Za-z0-9_:-]{1,100}\.(?:name|phone|street|company|email|text|raw)\.[A-Za-z0-9_-]{38,}/g;
const hidden = '***';

/** Opens sealed texts, in order. */
export type Open = (texts: readonly string[]) => Promise<readonly string[]>;

/**
 * An answer as a person may see it, as JSON: bytes in base64, every sealed text opened and masked. Who sees personal data reads remarks, and names,
 * phones, streets and addresses once they are `revealed`; everybody else sees no more of them than their first letter, revealed or not.
 */
export const present = async (method: Pick<Method, 'clear'>, answer: unknown, person: Person, open: Open, revealed = false): Promise<unknown> => {
  const sees = may(person, { roles: seePersonalData });
  const found = new Set<string>();
  collect(answer, found);
  // What came as a whole, raw, is for the methods that show it, and noted there.
  const texts = [...found].filter((text) => fieldOf(text) !== 'raw');
  const clear = new Map(texts.length > 0 ? (await open(texts)).map((text, at) => [texts[at]!, text]) : []);
  const shown = (sealed: string): string => {
    const text = clear.get(sealed) ?? '';
    return sees && revealed ? text : masked(sealed, text, sees);
  };
  return walk(answer, '', { shown, hides: new Set(sees && revealed ? [] : method.clear) });
};

const masked = (sealed: string, text: string, sees: boolean): string => {
  if (text === '') return '';
  switch (fieldOf(sealed)) {
    case 'name':
    case 'company':
      return maskName(text);
    case 'phone':
      return maskPhone(text);
    case 'email':
      return maskEmail(text);
    case 'text':
      return sees ? text : hidden;
    case 'street':
    case 'raw':
      return hidden;
  }
};

const collect = (value: unknown, found: Set<string>): void => {
  if (typeof value === 'string') {
    if (value.includes('sealed.v1.')) for (const [text] of value.matchAll(sealedText)) if (isSealed(text)) found.add(text);
    return;
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  for (const one of Object.values(value)) collect(one, found);
};

interface Way {
  readonly shown: (sealed: string) => string;
  readonly hides: ReadonlySet<string>;
}

const walk = (value: unknown, path: string, way: Way): unknown => {
  if (typeof value === 'string') {
    if (value !== '' && way.hides.has(path)) return hidden;
    if (!value.includes('sealed.v1.')) return value;
    // Within a text it stands in JSON.
    return isSealed(value) ? way.shown(value) : value.replace(sealedText, (text) => JSON.stringify(way.shown(text)).slice(1, -1));
  }
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((one) => walk(one, path, way));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, path === '' ? name : `${path}.${name}`, way)]));
};
