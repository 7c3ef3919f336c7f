import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { Refused } from '@flotilla/decider';
import type { Upload } from '@flotilla/service-kit';

/** The one file of a form that a browser sends (multipart/form-data), as it arrives. Refused BAD_REQUEST if there is none or it breaks off. */
export const takeFormFile = async <T>({ type, bytes }: Upload, take: (file: Readable) => Promise<T>): Promise<T> => {
  let taken: Promise<T> | undefined;
  let file: Readable | undefined;
  const enough = new AbortController();
  const parser = parserOf(type);
  parser.on('file', (_name: string, part: Readable) => {
    if (taken) return void part.resume();
    file = part;
    taken = take(part);
    // Whoever has seen enough wants no more of it; the parser would wait for ever until somebody reads on.
    taken.catch(() => enough.abort());
  });
  try {
    await pipeline(bytes, parser, { signal: enough.signal });
  } catch (error) {
    file?.destroy(error as Error);
    // Its own reason is the better one; and a file that was whole is whole, whatever broke behind it.
    if (!taken) throw (error as { readonly statusCode?: number }).statusCode === 413 ? new Refused('TOO_LARGE', 'the form is too large') : brokeOff();
  }
  if (!taken) throw new Refused('BAD_REQUEST', 'there is no file in the form');
  // The parser says so in words alone.
  return taken.catch((error: unknown) => Promise.reject(!(error instanceof Refused) && /multipart data/.test((error as Error).message) ? brokeOff() : (error as Error)));
};

const brokeOff = (): Refused => new Refused('BAD_REQUEST', 'the form broke off; send it again');

const parserOf = (type: string): InstanceType<typeof Busboy> => {
  if (!/^multipart\/form-data;/i.test(type)) throw new Refused('BAD_REQUEST', 'the body is no form with a file');
  try {
    return new Busboy({ headers: { 'content-type': type }, limits: { files: 1, fields: 4, parts: 5, fieldSize: 1_000, headerPairs: 20 } });
  } catch {
    throw new Refused('BAD_REQUEST', 'the body is no form with a file');
  }
};
