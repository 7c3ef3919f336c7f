import { createHash, randomUUID } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import { FormatProbe, type Format } from '@flotilla/files';
import { namespace, uuidv5 } from '@flotilla/values';
import { fieldMapping } from '../../decide/mapping.decider.js';
import { orderImport } from '../../decide/order-import.decider.js';
import type { Ingest } from '../../ingest.parts.js';
import { dropAbandoned, dropPieces, keepPieces } from '../../keys/pieces.js';

export const largestFile = 64 * 1024 * 1024;

/** What of the service this needs. */
export type Receiving = Pick<Ingest, 'keys'> & { readonly ctx: Pick<Ingest['ctx'], 'store' | 'pool' | 'clock' | 'meta'> };

export interface GivenFile {
  readonly channel: string;
  readonly fileName: string;
  readonly actor: string;
  /** The version of the channel's mapping by which it is read; 0 or absent: the one in force. */
  readonly mapping?: number;
}

/**
 * Keeps a file's bytes, sealed, and says that it is there; its rows are taken after that. The same bytes are the same import, whichever way they come and however often: `isNew` is then false.
 * Refused UNKNOWN_FORMAT, BAD_CSV, TOO_LARGE.
 */
export const receiveFile = async ({ ctx, keys }: Receiving, { channel, fileName, actor, mapping = 0 }: GivenFile, bytes: AsyncIterable<Uint8Array>): Promise<{ readonly id: string; readonly sha256: string; readonly state: string; readonly isNew: boolean }> => {
  const upload = randomUUID();
  let asked = false;
  try {
    await dropAbandoned(ctx.pool);
    const seen = new Seen();
    await keepPieces(ctx.pool, keys, upload, seen.through(bytes));
    const { format, encoding, size, sha256 } = seen.end();
    const id = uuidv5(uuidv5(uuidv5(namespace, 'order import'), channel), sha256);
    const file = { id, channel, fileName: fileName.toWellFormed().replace(/[\p{C}/\\\ufffd]/gu, '').slice(0, 200), format, encoding, bytes: size, sha256, upload, receivedAt: ctx.clock.business().toISOString() };
    asked = true;
    const { answer } = await ctx.store.execute({
      streams: [[orderImport, id], [fieldMapping, channel]],
      meta: ctx.meta({ actor, causation: id }),
      decide: (unit) => {
        unit.run(orderImport, id, { type: 'ReceiveImport', data: { ...file, mapping: mapping || (unit.state(fieldMapping, channel)?.version ?? 0) } });
        const { state, file: kept } = unit.state(orderImport, id)!;
        return { state, upload: kept.upload };
      },
    });
    // The same file again: it is there already.
    if (answer.upload !== upload) await dropPieces(ctx.pool, upload);
    return { id, sha256, state: answer.state, isNew: answer.upload === upload };
  } catch (error) {
    // Once it was asked for, the import may be there, whatever the answer was: pieces that nobody owns go with what was abandoned.
    if (!asked) await dropPieces(ctx.pool, upload);
    throw error;
  }
};

/** What is found out of a file while it goes by. Refused UNKNOWN_FORMAT, BAD_CSV at its end. */
class Seen {
  readonly #probe = new FormatProbe();
  readonly #hash = createHash('sha256');
  #size = 0;

  async *through(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      if ((this.#size += chunk.length) > largestFile) throw new Refused('TOO_LARGE', `a file has at most ${largestFile / 1024 / 1024} MiB; split it`);
      this.#hash.update(chunk);
      this.#probe.push(chunk);
      yield chunk;
    }
  }

  end(): Format & { readonly size: number; readonly sha256: string } {
    return { ...this.#probe.end(), size: this.#size, sha256: this.#hash.digest('hex') };
  }
}
