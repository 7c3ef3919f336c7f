// One service of the limit of `lifecycle`, in a process of its own: a batch in, its rows in one INSERT, a batch out. No logic.
import { randomUUID } from 'node:crypto';
import { kafkaClient } from '@flotilla/tasks';
import pg from 'pg';

interface Parcel {
  readonly hop: number;
  readonly hops: number;
  /** Rows to insert at each hop. */
  readonly rows: number;
  readonly body: string;
}

const [url = '', brokers = '', stage = '', stages = ''] = process.argv.slice(2);
const own = Number(stage);
const topicOf = (one: number): string => `bare-stage-${one}`;
const insert = `INSERT INTO plain_event (stream_id, version, event_id, type, schema_version, recorded_at, data, meta, hash)
SELECT s, v, i, 'Passed', 1, clock_timestamp(), d, '{}', '\\x00' FROM json_to_recordset($1) AS r(s text, v bigint, i uuid, d json)`;

const pool = new pg.Pool({ connectionString: url, max: 4 });
const kafka = kafkaClient(brokers, `bare-${stage}`);
const producer = kafka.producer({ allowAutoTopicCreation: false });
await producer.connect();
const consumer = kafka.consumer({ groupId: `bare-${stage}`, maxWaitTimeInMs: 20 });
await consumer.connect();
await consumer.subscribe({ topic: topicOf(own), fromBeginning: true });
consumer.on(consumer.events.GROUP_JOIN, () => process.send?.('ready'));
await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: 4,
  eachBatch: async ({ batch }) => {
    const parcels = batch.messages.map(({ key, value }) => ({ key: key?.toString() ?? '', parcel: JSON.parse(value?.toString() ?? '{}') as Parcel }));
    const rows = parcels.flatMap(({ key, parcel }) => Array.from({ length: parcel.rows }, (_, n) => ({ s: key, v: parcel.hop * 100 + n, i: randomUUID(), d: { body: parcel.body } })));
    await pool.query({ name: 'plain', text: insert, values: [JSON.stringify(rows)] });
    const messages = parcels.map(({ key, parcel }) => ({ key, last: parcel.hop + 1 >= parcel.hops, value: JSON.stringify({ ...parcel, hop: parcel.hop + 1 }) }));
    const topicMessages = [
      { topic: topicOf((own + 1) % Number(stages)), messages: messages.filter(({ last }) => !last).map(({ key, value }) => ({ key, value })) },
      { topic: topicOf(Number(stages)), messages: messages.filter(({ last }) => last).map(({ key, value }) => ({ key, value })) },
    ].filter((one) => one.messages.length > 0);
    await producer.sendBatch({ acks: -1, topicMessages });
  },
});
process.once('disconnect', () => process.exit(0));
