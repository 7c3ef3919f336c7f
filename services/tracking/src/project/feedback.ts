import type { Follower } from '@flotilla/event-store';
import { sqlMigration } from '@flotilla/service-kit';
import type { ShipmentEvent } from '../decide/shipment.events.js';

export const feedbackTable = sqlMigration('Feedback', 1764500000005, [
  `CREATE TABLE read.feedback (position bigint PRIMARY KEY, parcel_id text NOT NULL, carrier text NOT NULL, waybill text NOT NULL, warehouse text NOT NULL, rating integer NOT NULL, words text NOT NULL, given_at timestamptz NOT NULL)`,
]);

/** What buyers said of their parcels; their words stay sealed. */
export const feedback: Follower = {
  name: 'feedback',
  inside: async (events, tx) => {
    const rows = events.flatMap((event) => {
      const { type, data } = event as unknown as ShipmentEvent;
      return type === 'FeedbackGiven' ? [{ position: event.position, ...data }] : [];
    });
    if (rows.length === 0) return;
    await tx.query(
      `INSERT INTO read.feedback (position, parcel_id, carrier, waybill, warehouse, rating, words, given_at)
       SELECT position, "parcelId", carrier, waybill, warehouse, rating, words, "givenAt"
         FROM jsonb_to_recordset($1::jsonb) AS f(position bigint, "parcelId" text, carrier text, waybill text, warehouse text, rating integer, words text, "givenAt" timestamptz)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(rows)],
    );
  },
};
