// A member of a group in a process of its own, to be stopped, resumed and killed.
import pg from 'pg';
import { createEventStore, silentLogger } from '@flotilla/event-store';
import { connectBus, consume, type KafkaClient } from '../src/index.js';
import { adding, consuming } from './receiver.js';

const [url, brokers, topic, group, client] = process.argv.slice(2) as [string, string, string, string, KafkaClient];
const store = createEventStore({ pool: new pg.Pool({ connectionString: url, max: 5 }) });
const bus = connectBus({ client, brokers: brokers.split(','), clientId: 'consuming-child', log: silentLogger });
const handlers = { Told: { ...adding, handle: (...told: Parameters<typeof adding.handle>) => (console.log(`took ${told[0].key}`), adding.handle(...told)) } };
const consumer = await consume(consuming({ bus, store, consumer: group, topics: [topic], handlers, log: silentLogger }));
setInterval(() => consumer.ready() && console.log('ready'), 100);
