// The AsyncAPI 3 document of the fleet's topics, from proto/, the golden examples and topics.json.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { published, registry } from '@flotilla/contracts';
import { root } from './paths.ts';
import { topics } from './topics.ts';

type Schema = Record<string, unknown>;
type Message = NonNullable<ReturnType<typeof registry.getMessage>>;
type Field = Message['fields'][number];

const scalars: Readonly<Record<string, Schema>> = { string: { type: 'string' }, boolean: { type: 'boolean' }, number: { type: 'integer' }, bytes: { type: 'string', contentEncoding: 'base64' } };
// Numbers of proto's scalar types: 8 bool, 9 string, 12 bytes; all others that the contracts use are integers.
const scalarOf = (type: number): Schema => scalars[type === 9 ? 'string' : type === 8 ? 'boolean' : type === 12 ? 'bytes' : 'number']!;

/** The document as text, ending in a newline. The same proto gives the same bytes. */
export function asyncApi(): string {
  const schemas: Record<string, Schema> = {};
  const reference = (desc: Message): Schema => {
    if (!schemas[desc.typeName]) {
      schemas[desc.typeName] = {}; // before its fields: a message may hold itself
      schemas[desc.typeName] = {
        type: 'object',
        required: desc.fields.map(({ localName }) => localName),
        properties: Object.fromEntries(desc.fields.map((field) => [field.localName, schemaOf(field)])),
      };
    }
    return { $ref: `#/components/schemas/${desc.typeName}` };
  };
  const element = (field: Field): Schema =>
    field.message ? reference(field.message) : field.enum ? { type: 'string', enum: field.enum.values.map(({ name }) => name) } : scalarOf('scalar' in field && field.scalar ? field.scalar : 9);
  const schemaOf = (field: Field): Schema =>
    field.fieldKind === 'list' ? { type: 'array', items: element(field) } : field.fieldKind === 'map' ? { type: 'object', additionalProperties: element(field) } : element(field);

  const settings = new Map(topics().map((topic) => [topic.name, topic]));
  const messages: Record<string, Schema> = {};
  const channels: Record<string, Schema> = {};
  for (const [topic, types] of Object.entries(published)) {
    for (const type of types) {
      const golden = join(root, 'proto', 'golden', `${type}.json`);
      messages[type] = {
        name: type,
        contentType: 'application/json',
        headers: { $ref: '#/components/schemas/CloudEventHeaders' },
        payload: reference(registry.getMessage(type)!),
        ...(existsSync(golden) ? { examples: [{ payload: JSON.parse(readFileSync(golden, 'utf8')) as unknown }] } : {}),
      };
    }
    const { partitions, retentionMs } = settings.get(topic)!;
    channels[topic] = {
      address: topic,
      messages: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/messages/${type}` }])),
      bindings: { kafka: { topic, partitions, topicConfiguration: { 'retention.ms': retentionMs, 'cleanup.policy': ['delete'] } } },
    };
  }
  schemas['CloudEventHeaders'] = {
    type: 'object',
    description: 'CloudEvents 1.0, binary mode. A receiver drops what is not newer than the last `sequence` it applied of this `ce_source`.',
    required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time'],
    properties: Object.fromEntries(['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_subject', 'sequence', 'correlation', 'causation', 'traceparent', 'chainhash'].map((name) => [name, { type: 'string' }])),
  };
  const document = {
    asyncapi: '3.0.0',
    info: { title: 'Flotilla', version: '1', description: 'Order-lifecycle events. Generated from proto/; do not edit.' },
    defaultContentType: 'application/json',
    channels,
    operations: Object.fromEntries(Object.keys(published).map((topic) => [`read ${topic}`, { action: 'receive', channel: { $ref: `#/channels/${topic.replaceAll('/', '~1')}` } }])),
    components: { messages, schemas: Object.fromEntries(Object.entries(schemas).toSorted(([one], [other]) => (one < other ? -1 : 1))) },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
