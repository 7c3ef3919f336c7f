// node docs/examples/settlement-events.mjs 2026-11-01T00:00:00Z localhost:9092
import kafkajs from 'kafkajs';
const [from = '1970-01-01T00:00:00Z', brokers = 'localhost:9092', topic = 'settlement.v1'] = process.argv.slice(2);
const kafka = new kafkajs.Kafka({ clientId: 'finance', brokers: brokers.split(','), logLevel: kafkajs.logLevel.ERROR });
const [admin, consumer, seen] = [kafka.admin(), kafka.consumer({ groupId: `finance-${process.pid}-${Date.now()}` }), new Set()];
await Promise.all([admin.connect(), consumer.connect()]);
await consumer.subscribe({ topic, fromBeginning: true });
const starts = await admin.fetchTopicOffsetsByTimestamp(topic, Date.parse(from));
await consumer.run({ autoCommit: false, eachMessage: async ({ message: { headers, value } }) => {
  const [id, type, time] = ['ce_id', 'ce_type', 'ce_time'].map((name) => String(headers[name]));
  if (Date.parse(time) < Date.parse(from) || seen.has(id)) return; // published late, or told twice: delivery is at least once
  seen.add(id);
  console.log(JSON.stringify({ id, type, time, data: JSON.parse(String(value)) }));
} });
for (const { partition, offset } of starts) consumer.seek({ topic, partition, offset });
