/** A projection's tables are built anew beside the old ones, in schema read_next, and take their place in one transaction. */
export const rebuildFunctions = `
CREATE TABLE IF NOT EXISTS es.rebuild (         -- asked for by npm run rebuild, done by the process that leads the follower
  name text PRIMARY KEY, requested_at timestamptz NOT NULL DEFAULT now(), state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'running', 'done', 'failed')),
  position bigint NOT NULL DEFAULT 0, head bigint NOT NULL DEFAULT 0, events bigint NOT NULL DEFAULT 0, tables text[] NOT NULL DEFAULT '{}', error text, updated_at timestamptz NOT NULL DEFAULT now()
);

-- An empty copy of every table of schema read, with its indexes and grants. What another rebuild left behind goes.
CREATE OR REPLACE FUNCTION es.rebuild_begin() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = es, pg_temp AS $$
DECLARE _table name; _grant record;
BEGIN
  SET LOCAL client_min_messages = warning;
  DROP SCHEMA IF EXISTS read_next CASCADE;
  CREATE SCHEMA read_next;
  FOR _grant IN SELECT quote_ident(pg_get_userbyid(a.grantee)) AS role FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'read' AND a.grantee <> 0 AND a.privilege_type = 'USAGE' LOOP
    EXECUTE 'GRANT USAGE ON SCHEMA read_next TO ' || _grant.role;
  END LOOP;
  FOR _table IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace('read') AND c.relkind = 'r' AND c.relname <> 'migration' LOOP
    EXECUTE format('CREATE TABLE read_next.%1$I (LIKE read.%1$I INCLUDING ALL)', _table);
    FOR _grant IN SELECT quote_ident(pg_get_userbyid(a.grantee)) AS role, a.privilege_type AS privilege FROM pg_class c, aclexplode(c.relacl) a
                   WHERE c.relnamespace = to_regnamespace('read') AND c.relname = _table AND a.grantee <> 0 AND a.privilege_type <> 'MAINTAIN' LOOP
      EXECUTE format('GRANT %s ON read_next.%I TO %s', _grant.privilege, _table, _grant.role);
    END LOOP;
  END LOOP;
END $$;

-- The built tables take the places of the old ones; indexes keep their names. Anything that hangs on an old table refuses.
CREATE OR REPLACE FUNCTION es.rebuild_swap(_tables text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = es, pg_temp AS $$
DECLARE _table text; _index record; _names jsonb;
BEGIN
  FOREACH _table IN ARRAY _tables LOOP
    SELECT coalesce(jsonb_object_agg(n.relname, o.relname), '{}') INTO _names
      FROM pg_index ni JOIN pg_class n ON n.oid = ni.indexrelid, pg_index oi JOIN pg_class o ON o.oid = oi.indexrelid
     WHERE ni.indrelid = format('read_next.%I', _table)::regclass AND oi.indrelid = format('read.%I', _table)::regclass
       AND regexp_replace(pg_get_indexdef(ni.indexrelid), ' INDEX .* USING', '') = regexp_replace(pg_get_indexdef(oi.indexrelid), ' INDEX .* USING', '');
    EXECUTE format('DROP TABLE read.%I', _table);
    EXECUTE format('ALTER TABLE read_next.%I SET SCHEMA read', _table);
    FOR _index IN SELECT key, value FROM jsonb_each_text(_names) WHERE key <> value LOOP
      EXECUTE format('ALTER INDEX read.%I RENAME TO %I', _index.key, _index.value);
    END LOOP;
  END LOOP;
  DROP SCHEMA read_next CASCADE;
END $$;
`;
