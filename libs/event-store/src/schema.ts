// The schema `es`: the log, its heads, the intake offsets, the followers' checkpoints and the timers. One log per database.
// Every statement may run again: what exists stays, functions are replaced.

/** Rows of one partition of the log. Fixed at the first deployment: a partition's bounds follow from its number. */
export const PARTITION_ROWS = 10_000_000;

const tables = `
CREATE SCHEMA IF NOT EXISTS es;

CREATE TABLE IF NOT EXISTS es.stream (          -- one narrow row per stream: the only arbiter of optimistic concurrency
  stream_id   text COLLATE "C" PRIMARY KEY CHECK (stream_id !~ '[^!-~]' AND length(stream_id) <= 200),
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

-- Empty = every event is what was appended. A rewrite of a whole chain with its head is found by the anchors only.
CREATE OR REPLACE FUNCTION es.verify(_stream_id text DEFAULT NULL) RETURNS TABLE (stream_id text, version bigint, problem text) LANGUAGE sql STABLE AS $$
  WITH e AS (
    SELECT e.*, lag(e.hash, 1, ''::bytea) OVER w AS before, lag(e.version, 1, 0::bigint) OVER w AS version_before
    FROM es.event e WHERE _stream_id IS NULL OR e.stream_id = _stream_id WINDOW w AS (PARTITION BY e.stream_id ORDER BY e.version))
  SELECT stream_id, version, 'hole before this version' FROM e WHERE version <> version_before + 1
  UNION ALL
  SELECT stream_id, version, 'content or order changed' FROM e
   WHERE hash <> sha256(before || convert_to(es.canonical(stream_id, version, event_id, recorded_at, type, schema_version, data, meta), 'UTF8'))
  UNION ALL
  SELECT coalesce(h.stream_id, s.stream_id), coalesce(h.version, s.version), 'head differs from the last event'
    FROM (SELECT DISTINCT ON (stream_id) stream_id, version, hash FROM e ORDER BY stream_id, version DESC) h
    FULL JOIN (SELECT * FROM es.stream s WHERE _stream_id IS NULL OR s.stream_id = _stream_id) s USING (stream_id)
   WHERE (h.version, h.hash) IS DISTINCT FROM (s.version, s.hash)
$$;
`;

const append = `
-- One round trip, one transaction, many commands.
-- _writes [{"c":command,"s":stream,"t":stream type,"x":expected version,"n":number of events}], writes of one command together, c ascending
-- _events [{"w":write (1 = first),"o":1..n,"i":event id,"t":type,"v":schema version,"d":{..},"m":{..}}]
--   x = 0 the stream must not exist, x > 0 exactly this version, x = -1 any; n = 0 writes nothing and only guards.
-- * A command is a unit: all its writes or none; a refused one leaves the others alone.
-- * Commands are judged in order, each against what the accepted ones before it left: decided one upon the other (x = 5, then 6) they pass,
--   decided from the same state the first wins, and if a command is refused those decided upon it are refused too — also when another
--   writer has meanwhile brought the stream to the very version that they expect.
-- * With a consumer the batch is one unit with its offset: if any command is refused nothing is written and the offset stays.
-- One row per write: accepted (the command), conflict (this write), version = new if accepted, else the stream's, position = of the group's
-- last event, null if refused. 40001 = another owner moved the offset.
CREATE OR REPLACE FUNCTION es.append(
  _writes json, _events json,
  _consumer text DEFAULT NULL, _topic text DEFAULT NULL, _partition int DEFAULT NULL, _from_offset bigint DEFAULT NULL, _next_offset bigint DEFAULT NULL
) RETURNS TABLE (command int, accepted boolean, conflict boolean, stream_id text, version bigint, "position" bigint) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = es, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off   -- 'look each stream up by key', also in a plan cached when the table was small
AS $$
#variable_conflict use_column
DECLARE
  _cmd int[]; _stream text[]; _type text[]; _expected bigint[]; _n int[];      -- the writes
  _slot int[];                                 -- first write of the batch that names the same stream; its element of _now is the stream's
  _stored bigint[]; _head bytea[];             -- its version and chain head before this batch
  _now bigint[]; _base bigint[];               -- version as judging proceeds; version this write starts from
  _void bigint[];                              -- of a stream: from this version on, what the commands expect was to come from a refused one
  _accepted boolean[]; _conflict boolean[];
  _k int; _all boolean := true; _ok boolean; _well_formed boolean; i int := 1; j int; s int;
  _events_due bigint := 0; _streams_due bigint := 0; _events_written bigint; _streams_written bigint; _at timestamptz; _position bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7001, 0);      -- its own statement: the next ones take a snapshot AFTER the previous holder became visible
  _at := clock_timestamp();
  IF EXISTS (SELECT FROM es.consumer_offset o WHERE o.consumer = _consumer AND o.topic = _topic AND o.partition = _partition AND o.next_offset <> _from_offset) THEN
    RAISE EXCEPTION 'stale consumer %: %/% is not at %', _consumer, _topic, _partition, _from_offset USING ERRCODE = '40001';
  END IF;

  SELECT array_agg(c ORDER BY ord), array_agg(sid ORDER BY ord), array_agg(t ORDER BY ord), array_agg(x ORDER BY ord), array_agg(n ORDER BY ord),
         array_agg(slot ORDER BY ord), array_agg(stored ORDER BY ord), array_agg(head ORDER BY ord),
         bool_and(c IS NOT NULL AND sid IS NOT NULL AND n IS NOT NULL AND n >= 0)
    INTO _cmd, _stream, _type, _expected, _n, _slot, _stored, _head, _well_formed
    FROM (SELECT w.c, w.s AS sid, w.t, w.x, w.n, w.ord, min(w.ord) OVER (PARTITION BY w.s) AS slot,
                 coalesce(st.version, 0) AS stored, coalesce(st.hash, '') AS head
            FROM ROWS FROM (json_to_recordset(_writes) AS (c int, s text, t text, x bigint, n int)) WITH ORDINALITY w(c, s, t, x, n, ord)
            LEFT JOIN es.stream st ON st.stream_id = w.s) r;
  IF NOT _well_formed THEN RAISE EXCEPTION 'malformed batch: every write needs c, s and n >= 0'; END IF;
  _k := coalesce(cardinality(_cmd), 0); _now := _stored; _base := _stored; _void := array_fill(NULL::bigint, ARRAY[_k]);
  _accepted := array_fill(true, ARRAY[_k]); _conflict := array_fill(false, ARRAY[_k]);

  WHILE i <= _k LOOP                           -- judge command by command: 1 us each
    IF i > 1 AND _cmd[i] <= _cmd[i - 1] THEN RAISE EXCEPTION 'the writes of command % do not stand together', _cmd[i]; END IF;
    j := i; _ok := true;
    WHILE j <= _k AND _cmd[j] = _cmd[i] LOOP
      s := _slot[j]; _base[j] := _now[s];
      IF _expected[j] IS DISTINCT FROM -1 AND (_expected[j] IS DISTINCT FROM _now[s] OR _expected[j] > _void[s]) THEN _ok := false; _conflict[j] := true; END IF;
      _now[s] := _now[s] + _n[j]; j := j + 1;
    END LOOP;
    IF NOT _ok THEN
      _all := false;
      FOR k IN i .. j - 1 LOOP
        s := _slot[k]; _accepted[k] := false; _now[s] := _now[s] - _n[k];
        IF _n[k] > 0 THEN _void[s] := least(_void[s], CASE WHEN _expected[k] = -1 THEN _base[k] ELSE _expected[k] END); END IF;
      END LOOP;
    END IF;
    i := j;
  END LOOP;
  IF _consumer IS NOT NULL AND NOT _all THEN _accepted := array_fill(false, ARRAY[_k]); _now := _stored; END IF;

  FOR k IN 1 .. _k LOOP
    IF _accepted[k] THEN _events_due := _events_due + _n[k]; END IF;
    IF _now[k] <> _stored[k] THEN _streams_due := _streams_due + 1; END IF;
  END LOOP;
  IF _events_due > 0 THEN
    WITH e AS MATERIALIZED (                   -- _array[write] instead of a join: the arrays are expanded, an element costs the same wherever it stands
      SELECT e.w, e.o, _stream[e.w] AS sid, _type[e.w] AS stype, _base[e.w] + e.o AS v, _now[_slot[e.w]] AS last, e.i, e.t, e.v AS sv, e.d, e.m,
             es.chain(_head[e.w], es.canonical(_stream[e.w], _base[e.w] + e.o, e.i, _at, e.t, e.v, e.d, e.m)) OVER (PARTITION BY _slot[e.w] ORDER BY e.w, e.o) AS h
        FROM json_to_recordset(_events) AS e(w int, o int, i uuid, t text, v smallint, d json, m json)
       WHERE _accepted[e.w] AND e.o BETWEEN 1 AND _n[e.w]),
    ev AS (
      INSERT INTO es.event (position, stream_id, version, event_id, type, schema_version, recorded_at, data, meta, hash)
      SELECT nextval('es.event_position'), q.sid, q.v, q.i, q.t, q.sv, _at, q.d, q.m, q.h FROM (SELECT * FROM e ORDER BY e.w, e.o) q
      RETURNING 1),
    st AS (
      INSERT INTO es.stream AS st (stream_id, stream_type, version, hash)
      SELECT e.sid, e.stype, e.v, e.h FROM e WHERE e.v = e.last
      ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, hash = excluded.hash
      RETURNING 1)
    SELECT (SELECT count(*) FROM ev), (SELECT count(*) FROM st) INTO _events_written, _streams_written;
    IF _events_written <> _events_due OR _streams_written <> _streams_due THEN
      RAISE EXCEPTION 'malformed batch: % events on % streams announced, % on % found', _events_due, _streams_due, _events_written, _streams_written;
    END IF;
    _position := currval('es.event_position');
  END IF;

  IF _consumer IS NOT NULL AND _all THEN
    INSERT INTO es.consumer_offset AS o VALUES (_consumer, _topic, _partition, _next_offset)
    ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset = excluded.next_offset WHERE o.next_offset = _from_offset;
    IF NOT FOUND THEN RAISE EXCEPTION 'stale consumer %: %/% is not at %', _consumer, _topic, _partition, _from_offset USING ERRCODE = '40001'; END IF;
  END IF;

  RETURN QUERY SELECT u.cmd, u.accepted, u.conflict, u.sid, CASE WHEN u.accepted THEN u.base + u.n ELSE _now[u.slot] END, CASE WHEN u.accepted THEN _position END
    FROM unnest(_cmd, _accepted, _conflict, _stream, _base, _n, _slot) u(cmd, accepted, conflict, sid, base, n, slot);
END $$;
`;

/** The statements that make the schema, in order. Idempotent. */
export const eventStoreMigrations = (): readonly string[] => [tables, chain, append, partitions];
