import { appendFunction } from './append.sql.js';
import { loadFunction } from './load.sql.js';
import { rebuildFunctions } from './rebuild.sql.js';

// The schema `es`: the log, its heads, the intake offsets, the followers' checkpoints and the timers. One log per database.
// Every statement may run again: what exists stays, functions are replaced.

/** Rows of one partition of the log. Fixed at the first deployment: a partition's bounds follow from its number. */
export const PARTITION_ROWS = 10_000_000;

const tables = `
CREATE SCHEMA IF NOT EXISTS es;

CREATE TABLE IF NOT EXISTS es.stream (          -- one narrow row per stream: the only arbiter of optimistic concurrency
  stream_id   text COLLATE "C" PRIMARY KEY,     -- printable ASCII, at most 200 characters
  stream_type text   NOT NULL,
  version     bigint NOT NULL CHECK (version > 0),
  hash        bytea  NOT NULL                   -- of the stream's last event: the head of its chain
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);   -- version and hash are not indexed: HOT updates

CREATE SEQUENCE IF NOT EXISTS es.event_position AS bigint CACHE 1; -- CACHE must stay 1: a session cache breaks the order

CREATE TABLE IF NOT EXISTS es.event (
  position       bigint      NOT NULL,          -- commit order: drawn while the append lock is held
  stream_id      text COLLATE "C" NOT NULL,
  version        bigint      NOT NULL,          -- 1,2,3… without holes inside a stream
  event_id       uuid        NOT NULL,
  type           text        NOT NULL,
  schema_version smallint    NOT NULL,
  recorded_at    timestamptz NOT NULL,          -- one instant per group
  data           json        NOT NULL,          -- json, not jsonb: kept byte for byte, since it is hashed
  meta           json        NOT NULL,
  hash           bytea       NOT NULL,          -- sha256(hash of the version before || es.canonical(this event))
  PRIMARY KEY (position)
) PARTITION BY RANGE (position);

CREATE TABLE IF NOT EXISTS es.consumer_offset ( -- intake from Kafka: moves in the append's transaction
  consumer text NOT NULL, topic text NOT NULL, partition int NOT NULL, next_offset bigint NOT NULL,
  PRIMARY KEY (consumer, topic, partition)
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS es.snapshot (        -- folds of long streams, for speed: may be deleted at any time unless the events are archived
  stream_id text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, schema_version int NOT NULL,
  state json NOT NULL,                          -- json: evolve may depend on the order of keys
  trace text NOT NULL, taken_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS es.applied (         -- of long streams: up to which version they have applied each source stream; source '' = up to which of their own versions this is complete
  stream_id text COLLATE "C" NOT NULL, source text COLLATE "C" NOT NULL, version bigint NOT NULL,
  PRIMARY KEY (stream_id, source)
) WITH (fillfactor = 90);

CREATE TABLE IF NOT EXISTS es.archive (         -- partitions that were taken out, oldest first; file and manifest stand outside
  partition int PRIMARY KEY, first bigint NOT NULL, last bigint NOT NULL, events bigint NOT NULL, sha256 text NOT NULL,
  root text NOT NULL,                           -- of the log up to last
  file text NOT NULL, archived_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS es.archived_head (   -- where the chain of each stream was cut: the last version of it in that partition
  partition int NOT NULL REFERENCES es.archive DEFERRABLE INITIALLY DEFERRED, stream_id text COLLATE "C" NOT NULL, version bigint NOT NULL, hash bytea NOT NULL,
  PRIMARY KEY (stream_id, partition)
);

CREATE TABLE IF NOT EXISTS es.checkpoint (      -- how far each follower is; the epoch counts its leaders
  name text PRIMARY KEY, position bigint NOT NULL DEFAULT 0, epoch bigint NOT NULL DEFAULT 0, owner text,
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

CREATE TABLE IF NOT EXISTS es.timer (
  key           text PRIMARY KEY,
  clock         text        NOT NULL CHECK (clock IN ('business', 'machine')),
  due_at        timestamptz NOT NULL,
  data          json        NOT NULL,
  set_by        bigint      NOT NULL,           -- position of the event that set it: a fired timer is deleted only if nobody set it anew
  traceparent   text,
  correlation   text        NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  attempts      int         NOT NULL DEFAULT 0,
  claimed_until timestamptz
) WITH (fillfactor = 80);
CREATE INDEX IF NOT EXISTS timer_due ON es.timer (clock, due_at);
`;

// Attached, not created as PARTITION OF: that would take ACCESS EXCLUSIVE on the whole log.
const partitions = `
CREATE OR REPLACE FUNCTION es.add_partition(_no bigint) RETURNS void LANGUAGE plpgsql SET search_path = es, pg_temp AS $$
DECLARE _name text := 'event_p' || lpad(_no::text, 3, '0'); _from bigint := _no * ${PARTITION_ROWS}; _to bigint := (_no + 1) * ${PARTITION_ROWS};
BEGIN
  IF to_regclass('es.' || _name) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE es.%I (LIKE es.event INCLUDING DEFAULTS)', _name);
  EXECUTE format('ALTER TABLE es.%I ADD CONSTRAINT bounds CHECK (position >= %s AND position < %s)', _name, _from, _to);
  EXECUTE format('CREATE UNIQUE INDEX ON es.%I (stream_id, version)', _name);   -- the read of a stream, and a second guard
  EXECUTE format('ALTER TABLE es.event ATTACH PARTITION es.%I FOR VALUES FROM (%s) TO (%s)', _name, _from, _to);
  EXECUTE format('ALTER TABLE es.%I DROP CONSTRAINT bounds', _name);
END $$;

-- Two ahead: without the next partition appends fail when the sequence reaches it. Answers how many were made.
CREATE OR REPLACE FUNCTION es.keep_partitions() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = es, pg_temp AS $$
DECLARE _now bigint; _made int := 0;
BEGIN
  SELECT last_value / ${PARTITION_ROWS} INTO _now FROM es.event_position;
  FOR _no IN _now .. _now + 2 LOOP
    IF to_regclass('es.event_p' || lpad(_no::text, 3, '0')) IS NULL THEN
      PERFORM pg_advisory_xact_lock(7001, 1);
      PERFORM es.add_partition(_no);
      _made := _made + 1;
    END IF;
  END LOOP;
  RETURN _made;
END $$;
SELECT es.keep_partitions();
`;

const chain = `
-- The bytes that are hashed. Unambiguous: name, type and numbers hold no newline, data and meta are each one JSON document.
CREATE OR REPLACE FUNCTION es.canonical(_stream_id text, _version bigint, _event_id uuid, _at timestamptz, _type text, _schema_version smallint, _data json, _meta json)
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN _stream_id || E'\\n' || _version || E'\\n' || _event_id || E'\\n' || (extract(epoch FROM _at) * 1000000)::bigint || E'\\n' || _type || E'\\n' || _schema_version || E'\\n' || _data::text || E'\\n' || _meta::text;

CREATE OR REPLACE FUNCTION es.chain_step(_state bytea, _before bytea, _event text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN sha256(coalesce(_state, _before) || convert_to(_event, 'UTF8'));
CREATE OR REPLACE AGGREGATE es.chain (_before bytea, _event text) (SFUNC = es.chain_step, STYPE = bytea);

-- Empty = every event is what was appended. A rewrite of a whole chain with its head is found by the anchors only. What is archived is taken
-- at its cut: chains go on from there, and a stream that is archived whole must end where its head is.
CREATE OR REPLACE FUNCTION es.verify(_stream_id text DEFAULT NULL) RETURNS TABLE (stream_id text, version bigint, problem text) LANGUAGE sql STABLE AS $$
  WITH cut AS (
    SELECT DISTINCT ON (a.stream_id) a.stream_id, a.version, a.hash FROM es.archived_head a WHERE _stream_id IS NULL OR a.stream_id = _stream_id ORDER BY a.stream_id, a.partition DESC),
  e AS (
    SELECT e.*, coalesce(lag(e.hash) OVER w, c.hash, ''::bytea) AS before, coalesce(lag(e.version) OVER w, c.version, 0::bigint) AS version_before
    FROM es.event e LEFT JOIN cut c ON c.stream_id = e.stream_id
    WHERE _stream_id IS NULL OR e.stream_id = _stream_id WINDOW w AS (PARTITION BY e.stream_id ORDER BY e.version))
  SELECT stream_id, version, 'hole before this version' FROM e WHERE version <> version_before + 1
  UNION ALL
  SELECT stream_id, version, 'content or order changed' FROM e
   WHERE hash <> sha256(before || convert_to(es.canonical(stream_id, version, event_id, recorded_at, type, schema_version, data, meta), 'UTF8'))
  UNION ALL
  SELECT coalesce(h.stream_id, s.stream_id), coalesce(h.version, s.version), 'head differs from the last event'
    FROM (SELECT DISTINCT ON (l.stream_id) l.stream_id, l.version, l.hash FROM (SELECT stream_id, version, hash FROM e UNION ALL TABLE cut) l ORDER BY l.stream_id, l.version DESC) h
    FULL JOIN (SELECT * FROM es.stream s WHERE _stream_id IS NULL OR s.stream_id = _stream_id) s USING (stream_id)
   WHERE (h.version, h.hash) IS DISTINCT FROM (s.version, s.hash)
$$;
`;

/** The statements that make the schema, in order. Idempotent. */
export const eventStoreMigrations = (): readonly string[] => [tables, chain, appendFunction, loadFunction, partitions, rebuildFunctions];
