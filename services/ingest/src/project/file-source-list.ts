import { sqlMigration } from '@flotilla/service-kit';
import type { Recorded, Transaction } from '@flotilla/event-store';
import type { FileSourceEvent } from '../decide/file-source.events.js';

export const FileSourceTable = sqlMigration('FileSources', 1764547200001, ['CREATE TABLE read.file_source (channel text PRIMARY KEY, source jsonb NOT NULL)']);

export const projectFileSources = async (events: readonly Recorded[], tx: Transaction): Promise<void> => {
  for (const { type, data } of events as readonly Recorded<FileSourceEvent>[]) {
    if (type !== 'FileSourcePut') continue;
    const { channel, source } = data as Extract<FileSourceEvent, { type: 'FileSourcePut' }>['data'];
    await tx.query('INSERT INTO read.file_source VALUES ($1, $2) ON CONFLICT (channel) DO UPDATE SET source = excluded.source', [channel, JSON.stringify(source)]);
  }
};
