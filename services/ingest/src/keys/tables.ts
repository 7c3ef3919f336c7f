import { sqlMigration } from '@flotilla/service-kit';

// Not in `read`: those tables can be rebuilt from the log, a key cannot. The service's role is whoever may keep the event store's checkpoints.
export const KeyTables = sqlMigration('Keys', 1763700000001, [
  'CREATE SCHEMA keys',
  'CREATE TABLE keys.subject_key (subject uuid PRIMARY KEY, wrapped bytea, created_at timestamptz NOT NULL DEFAULT now(), erased_at timestamptz, CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL)))',
  'CREATE TABLE keys.connector_key (kid text PRIMARY KEY, shown jsonb NOT NULL, wrapped bytea NOT NULL, current boolean NOT NULL, created_at timestamptz NOT NULL DEFAULT now())',
  'CREATE UNIQUE INDEX connector_key_current ON keys.connector_key (current) WHERE current',
  `DO $$
   DECLARE _role text;
   BEGIN
     FOR _role IN SELECT DISTINCT grantee FROM information_schema.role_table_grants WHERE table_schema = 'es' AND table_name = 'checkpoint' AND privilege_type = 'INSERT' AND grantee <> 'PUBLIC' LOOP
       EXECUTE format('GRANT USAGE ON SCHEMA keys TO %I', _role);
       EXECUTE format('GRANT SELECT, INSERT, UPDATE ON keys.subject_key TO %I', _role);
       EXECUTE format('GRANT SELECT, INSERT ON keys.connector_key TO %I', _role);
     END LOOP;
   END $$`,
]);

/** Not in `read`: an upload cannot be rebuilt from the log. It is kept until its import has ended. */
export const PieceTable = sqlMigration('Pieces', 1764460800002, [
  'CREATE TABLE keys.piece (upload uuid NOT NULL, n integer NOT NULL, body text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (upload, n))',
  `DO $$
   DECLARE _role text;
   BEGIN
     FOR _role IN SELECT DISTINCT grantee FROM information_schema.role_table_grants WHERE table_schema = 'es' AND table_name = 'checkpoint' AND privilege_type = 'INSERT' AND grantee <> 'PUBLIC' LOOP
       EXECUTE format('GRANT SELECT, INSERT, DELETE ON keys.piece TO %I', _role);
     END LOOP;
   END $$`,
]);
