import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { decodeMessage, encodeMessage, parseMessage, published, registry, topicOf, type MessageName } from './index.js';

const golden = join(import.meta.dirname, '..', '..', '..', 'proto', 'golden');
const types = Object.values(published).flat() as MessageName[];
const example = (type: string): unknown => JSON.parse(readFileSync(join(golden, `${type}.json`), 'utf8'));

describe('the golden examples', () => {
  it.each(types)('%s: an example with every field present goes through protobuf unchanged', (type) => {
    const json = example(type);
    expect(parseMessage(type, json)).toEqual(json);
    const desc = registry.getMessage(type)!;
    expect(decodeMessage(desc, encodeMessage(desc, json))).toEqual(json);
    expect(Object.keys(json as object)).toHaveLength(desc.fields.length);
  });

  it('has no example of an event that is not published', () => {
    expect(readdirSync(golden).map((file) => file.replace(/\.json$/, '')).filter((type) => !topicOf(type))).toEqual([]);
    expect(existsSync(golden)).toBe(true);
  });
});
