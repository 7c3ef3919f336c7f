// The work of asking for orders, in a process of its own that dies around its second page, if KILL_AT says so.
import { createHash } from 'node:crypto';
import { businessClock } from '@flotilla/values';
import { Deliveries } from '../src/accept/deliveries.js';
import { taobao } from '../src/channels/taobao/manifest.js';
import { secretsOf } from '../src/keys/secrets.js';
import { orderPullJobs, orderPullPerformer } from '../src/perform/order-pull.performer.js';
import { dyingWorker } from './dying-worker.js';

const { SHOP_URL = '', SHOP_TOKEN = '', SHOP_SECRET = '' } = process.env;
// Every process seals with the same keys, as those that share a database do.
const keyOf = (subject: string): Uint8Array => createHash('sha256').update(subject).digest();

await dyingWorker({
  kind: 'order-pull',
  jobs: orderPullJobs,
  diesAt: 2,
  performer: (store) =>
    orderPullPerformer(
      {
        platforms: new Map([['taobao', taobao]]),
        channels: { forget: () => undefined, get: (id) => Promise.resolve({ id, platform: 'taobao', apiUrl: SHOP_URL, secret: Buffer.from(SHOP_SECRET), token: SHOP_TOKEN, connectedAt: '', hasSkuMap: false, mapping: undefined }) },
        deliveries: new Deliveries({ ensure: (subjects) => Promise.resolve(new Map(subjects.map((subject) => [subject, keyOf(subject)]))) }, secretsOf(Buffer.alloc(32, 7)), () => ''),
        ctx: { store, clock: businessClock(''), outside: () => ({ fetch, broken: () => false }) },
      },
      { pulled: () => undefined, failed: () => undefined },
    ),
});
