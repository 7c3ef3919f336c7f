/** The service's role may write rows and read them, and nothing else: no call can be taken back from the log. */
export const auditSchema = (role: string, readers: readonly string[]): string => `
CREATE SCHEMA IF NOT EXISTS audit;
CREATE TABLE IF NOT EXISTS audit.call (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), method text NOT NULL, caller text NOT NULL, through text NOT NULL, roles text[] NOT NULL,
  request_id text NOT NULL, targets text[] NOT NULL, correlation text NOT NULL, outcome text NOT NULL);
CREATE INDEX IF NOT EXISTS call_caller ON audit.call (caller, id);
CREATE INDEX IF NOT EXISTS call_targets ON audit.call USING gin (targets);
GRANT USAGE ON SCHEMA audit TO ${[role, ...readers].join(', ')};
GRANT SELECT, INSERT ON audit.call TO ${role};
${readers.map((reader) => `GRANT SELECT ON audit.call TO ${reader};`).join('\n')}`;
