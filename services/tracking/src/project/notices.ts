import type { Follower } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { NoticeEvent } from '../decide/notice.events.js';

export const noticeTable = sqlMigration('Notices', 1763700000003, [
  `CREATE TABLE read.notice (notice_id uuid PRIMARY KEY, parcel_id text NOT NULL, kind text NOT NULL, medium text NOT NULL, state text NOT NULL, position bigint NOT NULL)`,
  'CREATE INDEX notice_parcel ON read.notice (parcel_id, position)',
]);

/** Notices and what became of them. */
export const notices: Follower = {
  name: 'notices',
  inside: async (events, tx) => {
    const rows = new Map<string, object>();
    for (const event of events) {
      const { type, data } = event as unknown as NoticeEvent;
      if (type !== 'NoticeRequested' && type !== 'NoticeSettled') continue;
      const { noticeId, parcelId, kind, medium } = data;
      // ACCEPTED is said of an order, before there is a parcel.
      rows.set(noticeId, { noticeId, parcelId: parcelId || data.foId, kind, medium, state: type === 'NoticeSettled' ? data.outcome : 'PENDING', position: event.position });
    }
    if (rows.size === 0) return;
    await tx.query(
      `INSERT INTO read.notice (notice_id, parcel_id, kind, medium, state, position)
       SELECT "noticeId", "parcelId", kind, medium, state, position
         FROM jsonb_to_recordset($1::jsonb) AS n("noticeId" uuid, "parcelId" text, kind text, medium text, state text, position bigint)
       ON CONFLICT (notice_id) DO UPDATE SET state = excluded.state`,
      [JSON.stringify([...rows.values()])],
    );
  },
};
