import type { ServiceContext } from '@flotilla/service-kit';

type Tally = Record<'shipments' | 'shipped' | 'pickedUp' | 'delivered' | 'exceptions' | 'orphans' | 'scans' | 'unknownCodes' | 'unreadable' | 'noticesAccepted' | 'noticesFailed' | 'noticesPending' | 'noticesNoAddress', number>;

/** Shipments by how far they came, scans, and what became of the notices. An orphan is a waybill that only its carrier has told of. */
export const tally = async ({ pool }: ServiceContext): Promise<Record<string, number>> => {
  const { rows } = await pool.query<Tally>(
    `SELECT s.*, n.* FROM
       (SELECT count(parcel_id)::int AS shipments, count(shipped_at)::int AS shipped, count(*) FILTER (WHERE parcel_id IS NULL AND scans > 0)::int AS orphans,
               count(parcel_id) FILTER (WHERE scans > 0 AND milestone NOT IN ('MILESTONE_UNSPECIFIED', 'MILESTONE_LABEL_CREATED', 'MILESTONE_CANCELLED'))::int AS "pickedUp",
               count(parcel_id) FILTER (WHERE milestone = 'MILESTONE_DELIVERED')::int AS delivered, count(parcel_id) FILTER (WHERE troubled)::int AS exceptions,
               coalesce(sum(scans), 0)::int AS scans, coalesce(sum(unknown_codes), 0)::int AS "unknownCodes", coalesce(sum(unreadable), 0)::int AS unreadable FROM read.shipment) s,
       (SELECT count(*) FILTER (WHERE state = 'ACCEPTED')::int AS "noticesAccepted", count(*) FILTER (WHERE state IN ('FAILED', 'UNKNOWN'))::int AS "noticesFailed",
               count(*) FILTER (WHERE state = 'PENDING')::int AS "noticesPending", count(*) FILTER (WHERE state = 'NO_ADDRESS')::int AS "noticesNoAddress" FROM read.notice) n`,
  );
  return { ...rows[0] };
};
