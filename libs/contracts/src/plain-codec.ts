import { create, createRegistry, fromBinary, fromJson, ScalarType, toBinary, type DescField, type DescMessage, type JsonValue, type Message } from '@bufbuild/protobuf';
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect';
import { Refused } from '@flotilla/decider';
import { files } from './plain/files.js';
import type { Messages } from './plain/index.js';

/** Every message, enum and service of proto/. */
export const registry = createRegistry(...files);

export type MessageName = keyof Messages & string;

const descOf = (name: string): DescMessage => {
  const desc = registry.getMessage(name);
  if (!desc) throw new Error(`no message ${name} in proto/`);
  return desc;
};

/**
 * Checks JSON against a message and fills what is missing: strings "", numbers 0, lists [], messages with their own
 * defaults. Unknown fields are let through untouched at the top level, so that an older reader loses nothing.
 * Throws `Refused` CONTRACT_VIOLATED, which says what is wrong where.
 */
export const parseMessage = <Name extends MessageName>(name: Name, json: unknown): Messages[Name] => {
  let message: Message;
  const desc = descOf(name);
  try {
    message = fromJson(desc, json as JsonValue, { ignoreUnknownFields: true, registry });
  } catch (error) {
    throw new Refused('CONTRACT_VIOLATED', `not a ${name}: ${(error as Error).message.replace(/^cannot decode /, '')}`);
  }
  return { ...(json as object), ...plainOf(desc, message) } as unknown as Messages[Name];
};

/** The protobuf bytes of a plain message. */
export const encodeMessage = (desc: DescMessage, plain: unknown): Uint8Array => toBinary(desc, messageOf(desc, plain));

/** The plain message in protobuf bytes. Numbers beyond 2^53 are refused. */
export const decodeMessage = (desc: DescMessage, bytes: Uint8Array): unknown => plainOf(desc, fromBinary(desc, bytes));

const plainOf = (desc: DescMessage, message: Message): Record<string, unknown> => plain(reflect(desc, message));

function plain(message: ReflectMessage): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of message.fields) out[field.localName] = plainField(message, field);
  return out;
}

function plainField(message: ReflectMessage, field: DescField): unknown {
  switch (field.fieldKind) {
    case 'list': {
      const items = [];
      for (const item of message.get(field)) items.push(element(field, item));
      return items;
    }
    case 'map': {
      const entries: [string, unknown][] = [];
      for (const [key, value] of message.get(field)) entries.push([String(key), element(field, value)]);
      return Object.fromEntries(entries);
    }
    case 'message':
      return plain(message.isSet(field) ? message.get(field) : reflect(field.message, create(field.message)));
    default:
      return element(field, message.get(field));
  }
}

function element(field: DescField, value: unknown): unknown {
  if (field.message) return plain(value as ReflectMessage);
  if (field.enum) return field.enum.value[value as number]?.name ?? field.enum.values[0]!.name;
  return typeof value === 'bigint' ? safe(value, field) : value;
}

function safe(value: bigint, field: DescField): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Refused('CONTRACT_VIOLATED', `${field.toString()} is beyond 2^53`);
  return number;
}

function messageOf(desc: DescMessage, plainMessage: unknown): Message {
  const message = reflect(desc, create(desc));
  const source = plainMessage as Record<string, unknown>;
  for (const field of message.fields) {
    const value = source[field.localName];
    if (value === undefined || value === null) continue;
    switch (field.fieldKind) {
      case 'list': {
        const list = message.get(field);
        for (const item of value as unknown[]) list.add(unplain(field, item));
        break;
      }
      case 'map': {
        const map = message.get(field);
        for (const [key, item] of Object.entries(value)) map.set(key, unplain(field, item));
        break;
      }
      default:
        message.set(field, unplain(field, value));
    }
  }
  return message.message;
}

function unplain(field: DescField, value: unknown): unknown {
  if (field.message) return reflect(field.message, messageOf(field.message, value));
  if (field.enum) {
    const found = field.enum.values.find((candidate) => candidate.name === value);
    if (!found) throw new Error(`${String(value)} is no value of ${field.enum.typeName}`);
    return found.number;
  }
  const scalar = 'scalar' in field ? field.scalar : undefined;
  return scalar === ScalarType.INT64 && typeof value === 'number' ? BigInt(value) : value;
}
