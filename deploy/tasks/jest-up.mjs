// One Postgres and one Kafka for all specs of a run; kept if FLOTILLA_TEST_* name servers that are already up.
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServers } from './servers.ts';

export default async function up() {
  if (process.env.FLOTILLA_TEST_DATABASE_URL && process.env.FLOTILLA_TEST_KAFKA_BROKERS) return;
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-test-'));
  // Postgres may have to enter as another user.
  chmodSync(dir, 0o755);
  const servers = await startServers({ dir, ports: 'free' });
  process.env.FLOTILLA_TEST_DATABASE_URL = servers.postgresUrl;
  process.env.FLOTILLA_TEST_KAFKA_BROKERS = servers.brokers;
  globalThis.flotillaTestServers = { dir, servers };
}
