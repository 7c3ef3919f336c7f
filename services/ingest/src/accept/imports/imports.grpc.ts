import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, serve, type Served } from '@flotilla/service-kit';
import { fileSource, type FileSourceState } from '../../decide/file-source.decider.js';
import type { FileSource } from '../../decide/file-source.events.js';
import type { Ingest } from '../../ingest.parts.js';
import { findSamePlace } from '../../query/file-sources.query.js';
import { findMapping } from '../../query/mappings.query.js';
import { findImport, listImportRows, listImports } from '../../query/order-imports.query.js';
import { placeOf, type Watching } from './file-sources.js';
import { largestFile, receiveFile } from './receive-file.js';

const outcomes: readonly string[] = ['', 'ACCEPTED', 'UPDATED', 'DUPLICATE', 'QUARANTINED'];

/** Files that were uploaded or found, how far they have come, and what became of each row; and where a channel's files lie. */
export const importsGrpc = (parts: Ingest, watching: Watching): Served => {
  const { ctx: { pool, store, clock }, channels } = parts;
  const known = async (id: string): Promise<string> => {
    if ((await channels.get(id)) === undefined) throw new Refused('UNKNOWN_CHANNEL', `no channel "${id.slice(0, 60)}"; list them with Channels/List`);
    return id;
  };
  const found = async (id: string): Promise<ingest.OrderImport> => {
    const one = await findImport(pool, id);
    if (one === undefined) throw new Refused('NOT_FOUND', `no import "${id.slice(0, 60)}"; list them with Imports/List`);
    return one;
  };
  return serve(ingest.Imports, {
    get: ({ id }) => found(id),
    upload: async (chunks, call) => {
      const incoming = chunks[Symbol.asyncIterator]();
      const first = await incoming.next();
      if (first.done) throw new Refused('BAD_REQUEST', 'nothing was sent; the first message names channel and file');
      const channel = await known(first.value.channel);
      const { id, state, isNew } = await receiveFile(parts, { channel, fileName: first.value.fileName, actor: call.meta.actor }, bytesOf(first.value.data, incoming));
      return { id, state, known: !isNew };
    },
    list: async ({ page, channel }) => {
      const question = ['imports', channel];
      const { limit, after } = pageOf(page, question);
      const { imports, last } = await listImports(pool, channel, limit, after?.[0]);
      return { imports, nextToken: last === undefined ? '' : pageToken([last], question) };
    },
    listRows: async ({ page, id, outcome }) => {
      if (!outcomes.includes(outcome)) throw new Refused('BAD_REQUEST', `outcome is one of ${outcomes.slice(1).join(', ')}`);
      await found(id);
      const question = ['import-rows', id, outcome];
      const { limit, after } = pageOf(page, question);
      const rows = await listImportRows(pool, id, outcome, limit, Number(after?.[0] ?? 0));
      return { rows, nextToken: rows.length === limit ? pageToken([String(rows.at(-1)!.row)], question) : '' };
    },
    putSource: async (request, call) => {
      const channel = await known(request.channel);
      const source = toSource(request.source);
      // Whether it can be reached shows at the first look; whether it can be tried at all shows now.
      await placeOf(source, watching).close();
      const other = await findSamePlace(pool, channel, source);
      if (other !== undefined) throw new Refused('BAD_REQUEST', `the files of ${other} lie there, within it or around it; a place is one channel’s alone`);
      if (source.mappingVersion !== 0 && (await findMapping(store, channel, source.mappingVersion)) === undefined) throw new Refused('BAD_REQUEST', `${channel} has no mapping of version ${source.mappingVersion}`);
      const at = clock.machine().toISOString();
      const { answer } = await store.execute(
        {
          streams: [[fileSource, channel]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(fileSource, channel, { type: 'PutFileSource', data: { channel, source, at, by: call.meta.actor } });
            return shown(channel, unit.state(fileSource, channel));
          },
        },
        call.request(request),
      );
      return answer;
    },
    getSource: async (request) => {
      const channel = await known(request.channel);
      const { state } = (await store.folded(fileSource, [channel])).get(channel)!;
      if (state === null) throw new Refused('NOT_FOUND', `${channel} has no place for files; put one with Imports/PutSource`);
      return shown(channel, state);
    },
  });
};

const noSftp = { host: '', port: 0, user: '', hostKey: '', path: '', secret: '' };

const toSource = ({ sftp, folder, everySeconds, mappingVersion, paused }: ingest.FileSource): FileSource => ({
  // Of a message that was not sent all is empty.
  sftp: Object.values(sftp).every((value) => value === '' || value === 0) ? null : { ...sftp, port: sftp.port || 22 }, folder, everySeconds: everySeconds || 60, mappingVersion, paused,
});

const shown = (channel: string, state: FileSourceState): ingest.FileSourceState => ({ channel, source: { ...state!.source, sftp: state!.source.sftp ?? noSftp }, putAt: state!.putAt, problem: state!.problem, problemSince: state!.problemSince });

async function* bytesOf(first: Uint8Array, rest: AsyncIterator<ingest.UploadOrdersRequest>): AsyncGenerator<Uint8Array> {
  let size = first.length;
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    size += next.value.data.length;
    if (size > largestFile) throw new Refused('TOO_LARGE', `a file has at most ${largestFile / 1024 / 1024} MiB; split it`);
    yield next.value.data;
  }
}
