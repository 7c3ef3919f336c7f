import { rmSync } from 'node:fs';

export default async function down() {
  const started = globalThis.flotillaTestServers;
  if (!started) return;
  delete process.env.FLOTILLA_TEST_DATABASE_URL;
  delete process.env.FLOTILLA_TEST_KAFKA_BROKERS;
  await started.servers.stop();
  rmSync(started.dir, { recursive: true, force: true });
}
