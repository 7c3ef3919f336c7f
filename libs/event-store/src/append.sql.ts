/** The only writer of the log. Arrays instead of one JSON document: nothing is parsed twice; the caller sends them in binary. */
export const appendFunction = `
DROP FUNCTION IF EXISTS es.append(json, json, text, text, int, bigint, bigint);
ALTER TABLE es.stream DROP CONSTRAINT IF EXISTS stream_stream_id_check;   -- would be checked with every new version; the function checks new names

-- One round trip, one transaction, many units: a unit is a command with all its streams, or a chunk of an intake with its offset.
-- Of each write, those of a unit together, units ascending: _unit, _stream, _type (of the stream), _expected, _n (number of events).
--   expected 0 = the stream must not exist, > 0 exactly this version, -1 any; n = 0 writes nothing and only guards.
-- Of each event, in the order of the writes: _id, _event_type, _schema_version, _data, _meta.
-- Of each chunk: _taker (its unit; it may have no writes), the consumer, topic and partition, the offset it begins at and the next one.
-- * A unit is written whole or not at all; a refused one leaves the others alone. A chunk's offset moves with it; a chunk whose offset does
--   not stand at _from is stale and refused.
-- * Units are judged in order, each against what the accepted ones before it left: decided one upon the other (5, then 6) they pass, decided
--   from the same state the first wins, and if a unit is refused those decided upon it are refused too — also when another writer has
--   meanwhile brought the stream to the very version that they expect.
-- Answers the position of the group's last event (null if none was written), the refused units, the writes in conflict, the stale units,
-- and of each write its stream's version: new if its unit was accepted, else the one it has now.
CREATE OR REPLACE FUNCTION es.append(
  _unit int[], _stream text[], _type text[], _expected bigint[], _n int[],
  _id uuid[], _event_type text[], _schema_version smallint[], _data json[], _meta json[],
  _taker int[] DEFAULT NULL, _consumer text[] DEFAULT NULL, _topic text[] DEFAULT NULL, _partition int[] DEFAULT NULL, _from bigint[] DEFAULT NULL, _next bigint[] DEFAULT NULL,
  OUT "position" bigint, OUT refused int[], OUT conflicts int[], OUT stale int[], OUT versions bigint[]
) LANGUAGE plpgsql
SECURITY DEFINER SET search_path = es, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off   -- 'look each stream up by key', also in a plan cached when the table was small
AS $$
#variable_conflict use_column
DECLARE
  _k int := coalesce(cardinality(_unit), 0);
  _stored bigint[]; _head bytea[];             -- version and chain head of each write's stream before this group
  _slot int[];                                 -- first write of the group that names the same stream; its element of _now and _head is the stream's
  _now bigint[]; _base bigint[];               -- version as judging proceeds; version that this write starts from
  _void bigint[];                              -- of a stream: from this version on, what is expected was to come from a refused unit
  _accepted boolean[];
  _plain boolean;                              -- every stream stands once and is where it is expected: nothing to judge
  _well_formed boolean; _events bigint; _due bigint := 0; _rows bigint; _grown bigint; _born bigint; _ok boolean;
  _at timestamptz; _us text; _e int := 0; _v bigint; _h bytea; _last int; i int := 1; j int; s int;
  _version bigint[]; _hash bytea[]; _name text[];   -- of the events
BEGIN
  PERFORM pg_advisory_xact_lock(7001, 0);      -- its own statement: the next ones take a snapshot AFTER the previous holder became visible
  _at := clock_timestamp();
  _us := E'\\n' || (extract(epoch FROM _at) * 1000000)::bigint || E'\\n';
  SELECT array_agg(coalesce(st.version, 0) ORDER BY w.ord), array_agg(coalesce(st.hash, '') ORDER BY w.ord), array_agg(w.ord::int ORDER BY w.ord),
         bool_and(coalesce(w.x = -1 OR w.x = coalesce(st.version, 0), false)) AND count(DISTINCT w.s COLLATE "C") = count(*),
         bool_and(coalesce(w.u > 0 AND w.s <> '' AND w.n >= 0, false)), coalesce(sum(w.n), 0)
    INTO _stored, _head, _slot, _plain, _well_formed, _events
    FROM unnest(_unit, _stream, _expected, _n) WITH ORDINALITY w(u, s, x, n, ord) LEFT JOIN es.stream st ON st.stream_id = w.s;
  IF NOT _well_formed OR _events <> ANY (ARRAY[coalesce(cardinality(_id), 0), coalesce(cardinality(_event_type), 0), coalesce(cardinality(_schema_version), 0), coalesce(cardinality(_data), 0), coalesce(cardinality(_meta), 0)])
    THEN RAISE EXCEPTION 'malformed group: a write lacks something, or % events are announced and others sent', _events; END IF;
  IF _taker IS NOT NULL THEN
    SELECT array_agg(c.u) INTO stale
      FROM unnest(_taker, _consumer, _topic, _partition, _from) c(u, consumer, topic, partition, f)
      JOIN es.consumer_offset o ON o.consumer = c.consumer AND o.topic = c.topic AND o.partition = c.partition WHERE o.next_offset <> c.f;
    _plain := _plain AND stale IS NULL;
  END IF;
  _now := _stored; _base := _stored; _accepted := array_fill(true, ARRAY[_k]);

  IF NOT _plain THEN                           -- judge unit by unit: 1 us each
    SELECT array_agg(w.slot ORDER BY w.ord) INTO _slot FROM (SELECT w.ord, min(w.ord::int) OVER (PARTITION BY w.s COLLATE "C") AS slot FROM unnest(_stream) WITH ORDINALITY w(s, ord)) w;
    _void := array_fill(NULL::bigint, ARRAY[_k]);
    WHILE i <= _k LOOP
      j := i; _ok := NOT coalesce(_unit[i] = ANY (stale), false);
      WHILE j <= _k AND _unit[j] = _unit[i] LOOP
        s := _slot[j]; _base[j] := _now[s];
        IF _expected[j] IS DISTINCT FROM -1 AND (_expected[j] IS DISTINCT FROM _now[s] OR _expected[j] > _void[s]) THEN _ok := false; conflicts := conflicts || j; END IF;
        _now[s] := _now[s] + _n[j]; j := j + 1;
      END LOOP;
      IF NOT _ok THEN
        refused := refused || _unit[i];
        FOR k IN i .. j - 1 LOOP
          s := _slot[k]; _accepted[k] := false; _now[s] := _now[s] - _n[k];
          IF _n[k] > 0 THEN _void[s] := least(_void[s], CASE WHEN _expected[k] = -1 THEN _base[k] ELSE _expected[k] END); END IF;
        END LOOP;
      END IF;
      i := j;
    END LOOP;
  END IF;

  _version := array_fill(NULL::bigint, ARRAY[_events::int]); _hash := array_fill(NULL::bytea, ARRAY[_events::int]); _name := array_fill(NULL::text, ARRAY[_events::int]);
  FOR k IN 1 .. _k LOOP                        -- versions and chain of the accepted
    IF _unit[k] < _last THEN RAISE EXCEPTION 'malformed group: the writes of unit % do not stand together', _unit[k]; END IF;
    _last := _unit[k];
    IF NOT _accepted[k] THEN _e := _e + _n[k]; CONTINUE; END IF;
    s := _slot[k]; _v := _base[k]; _h := _head[s];
    FOR o IN 1 .. _n[k] LOOP                   -- the bytes of es.canonical
      _e := _e + 1; _v := _v + 1; _due := _due + 1;
      _h := sha256(_h || convert_to(_stream[k] || E'\\n' || _v || E'\\n' || _id[_e] || _us || _event_type[_e] || E'\\n' || _schema_version[_e] || E'\\n' || _data[_e]::text || E'\\n' || _meta[_e]::text, 'UTF8'));
      _name[_e] := _stream[k]; _version[_e] := _v; _hash[_e] := _h;
    END LOOP;
    _head[s] := _h; _now[s] := _v; _base[k] := _v;
  END LOOP;

  IF _due > 0 THEN
    INSERT INTO es.event (position, stream_id, version, event_id, type, schema_version, recorded_at, data, meta, hash)
    SELECT nextval('es.event_position'), e.s, e.v, e.i, e.t, e.sv, _at, e.d, e.m, e.h
      FROM unnest(_name, _version, _id, _event_type, _schema_version, _data, _meta, _hash) e(s, v, i, t, sv, d, m, h) WHERE e.v IS NOT NULL;
    GET DIAGNOSTICS _rows = ROW_COUNT;
    IF _rows <> _due THEN RAISE EXCEPTION 'malformed group: % events of % written', _rows, _due; END IF;
    position := currval('es.event_position');
    SELECT count(*) FILTER (WHERE w.b > 0), count(*) FILTER (WHERE w.b = 0) INTO _grown, _born FROM unnest(_stored, _now) w(b, v) WHERE w.v > w.b;
    IF _grown > 0 THEN
      UPDATE es.stream st SET version = w.v, hash = w.h FROM unnest(_stream, _stored, _now, _head) w(s, b, v, h) WHERE st.stream_id = w.s AND w.v > w.b AND w.b > 0;
      GET DIAGNOSTICS _rows = ROW_COUNT;
      IF _rows <> _grown THEN RAISE EXCEPTION 'malformed group: % streams of % continued', _rows, _grown; END IF;
    END IF;
    IF _born > 0 THEN
      IF EXISTS (SELECT FROM unnest(_stream, _stored, _now) w(s, b, v) WHERE w.v > 0 AND w.b = 0 AND (w.s COLLATE "C" ~ '[^!-~]' OR length(w.s) > 200)) THEN RAISE EXCEPTION 'malformed group: not the name of a stream'; END IF;
      INSERT INTO es.stream (stream_id, stream_type, version, hash)
      SELECT w.s, w.t, w.v, w.h FROM unnest(_stream, _type, _stored, _now, _head) w(s, t, b, v, h) WHERE w.v > 0 AND w.b = 0;
    END IF;
  END IF;

  IF _taker IS NOT NULL THEN
    INSERT INTO es.consumer_offset AS o
    SELECT c.consumer, c.topic, c.partition, c.x FROM unnest(_taker, _consumer, _topic, _partition, _next) c(u, consumer, topic, partition, x)
     WHERE c.u <> ALL (coalesce(refused, '{}') || coalesce(stale, '{}'))
    ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset = excluded.next_offset;
  END IF;

  IF refused IS NOT NULL THEN FOR k IN 1 .. _k LOOP IF NOT _accepted[k] THEN _base[k] := _now[_slot[k]]; END IF; END LOOP; END IF;
  versions := _base;
END $$;
`;
