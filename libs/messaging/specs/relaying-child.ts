// A process that relays and dies when it is told to: after the broker has a batch, before the checkpoint says so.
import pg from 'pg';
import { createEventStore, runFollowers, silentLogger } from '@flotilla/event-store';
import { connectBus, relay, type KafkaClient } from '../src/index.js';

const [url, brokers, topic, name, client, hold] = process.argv.slice(2) as [string, string, string, string, KafkaClient, string?];
const pool = new pg.Pool({ connectionString: url, max: 5 });
const store = createEventStore({ pool });
const bus = connectBus({ client, brokers: brokers.split(','), clientId: 'relaying-child', log: silentLogger });
const told = relay({ name, bus, publish: (event) => (event.type === 'Added' ? [{ topic, key: event.stream, type: 'Told', data: event.data }] : []) });
if (!('outside' in told)) throw new Error('a relay is an outside follower');
await runFollowers({
  pool, store, log: silentLogger,
  followers: [
    {
      name,
      outside: async (events) => {
        await told.outside(events);
        console.log(`sent ${events.length}`);
        if (hold === 'hold') await new Promise(() => undefined);
      },
    },
  ],
});
console.log('running');
