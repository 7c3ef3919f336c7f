// The work of taking a file's orders, in a process of its own that dies where KILL_AT says: before or after its third append.
import { silentLogger } from '@flotilla/event-store';
import { businessClock } from '@flotilla/values';
import { ConnectedChannels } from '../src/accept/connected-channels.js';
import { Deliveries } from '../src/accept/deliveries.js';
import { platforms } from '../src/channels/registry.js';
import { secretsOf } from '../src/keys/secrets.js';
import { SubjectKeyRing } from '../src/keys/subject-keys.js';
import { orderImportJobs, orderImportPerformer } from '../src/perform/order-import.performer.js';
import { dyingWorker } from './dying-worker.js';

const kek = Buffer.from(process.env['KEK'] ?? '', 'base64');

await dyingWorker({
  kind: 'order-import',
  jobs: orderImportJobs,
  diesAt: 3,
  performer: (store, pool) => {
    const [secrets, keys] = [secretsOf(kek), new SubjectKeyRing(pool, kek)];
    return orderImportPerformer({
      ctx: { store, pool, clock: businessClock(''), log: silentLogger } as unknown as Parameters<typeof orderImportPerformer>[0]['ctx'],
      keys,
      channels: new ConnectedChannels(store, secrets),
      platforms: platforms(() => Promise.reject(new Error('not asked'))),
      deliveries: new Deliveries(keys, secrets, () => ''),
    });
  },
});
