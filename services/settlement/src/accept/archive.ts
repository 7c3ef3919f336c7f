import { unpacked } from '@flotilla/files';
import { Refused } from '@flotilla/decider';
import type { StatementFormat } from '../formats/format.js';
import { recognise, type Recognised } from '../formats/statement-file.js';
import { spool, type Spooled } from './spool.js';

/** Files in an archive that may be a statement; Alipay packs two, details and a summary. */
const mostFiles = 20;

const packed = {
  unreadable: () => new Refused('UNKNOWN_FORMAT', 'the file begins like a ZIP archive and cannot be read as one; download it again, or unpack it first'),
  tooLarge: (mebibytes: number) => new Refused('TOO_LARGE', `a statement file may have ${mebibytes} MiB unpacked`),
};
const isText = (name: string): boolean => /\.(?:csv|tsv|txt)$/i.test(name) && !name.startsWith('__MACOSX/');

const namesIn = async (archive: Spooled): Promise<readonly string[]> => {
  const names: string[] = [];
  const seen = (name: string): undefined => {
    if (isText(name)) names.push(name);
    return undefined;
  };
  for await (const _ of unpacked(archive.read(), { ...packed, largest: 0 }, seen));
  if (names.length > mostFiles) throw new Refused('UNKNOWN_FORMAT', `the archive has more than ${mostFiles} files; import them one by one`);
  return names;
};

async function* entry(archive: Spooled, wanted: string, largest: number): AsyncIterable<Uint8Array> {
  let ready: Uint8Array[] = [];
  for await (const _ of unpacked(archive.read(), { ...packed, largest }, (name) => (name === wanted ? { take: (bytes: Uint8Array) => void ready.push(bytes), largest } : undefined))) {
    yield* ready;
    ready = [];
  }
}

export interface Found {
  readonly file: Spooled;
  readonly what: Recognised;
}

/** The statement that a file is, or the one that lies in it where it is a ZIP archive, as Alipay gives it out. Refused UNKNOWN_FORMAT if there is none, or more than one. */
export const statementIn = async (file: Spooled, name: string, described: readonly StatementFormat[], largest: number): Promise<Found> => {
  if (!file.isZip) return { file, what: await recognise(file, name, described) };
  let found: Found | undefined;
  let why: unknown = new Refused('UNKNOWN_FORMAT', 'there is no CSV file in the archive');
  try {
    for (const one of await namesIn(file)) {
      const part = await spool(entry(file, one, largest), largest);
      const what = await recognise(part, name, described).catch(async (error: unknown) => {
        await part.close();
        if (error instanceof Refused) return error;
        throw error;
      });
      if (what instanceof Refused) {
        why = what;
        continue;
      }
      if (found) {
        await part.close();
        throw new Refused('UNKNOWN_FORMAT', 'the archive has more than one statement; import them one by one');
      }
      found = { file: part, what };
    }
    if (!found) throw why;
    return found;
  } catch (error) {
    await found?.file.close();
    throw error;
  }
};
