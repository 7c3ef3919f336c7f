import { describe, expect, it } from '@jest/globals';
import { holds, readExamples, says, wordsOf } from './examples.ts';

describe('examples in documents', () => {
  it('OPS-04: are found, each with what it answers', () => {
    const examples = readExamples('docs/examples/grpcurl.md');
    expect(examples.length).toBeGreaterThan(12);
    for (const { command, wanted } of examples) {
      expect(command).toContain('grpcurl -plaintext ');
      if (wanted.kind === 'json') expect(() => JSON.parse(wanted.text) as unknown).not.toThrow();
    }
  });
  it('OPS-04: are read as a shell reads them', () => {
    expect(wordsOf(`grpcurl -d '{"id": "'$ID'"}' "-H a: $ID" $AT x/Y`, { ID: '7', AT: 'h:1' })).toEqual(['grpcurl', '-d', '{"id": "7"}', '-H a: 7', 'h:1', 'x/Y']);
    expect(wordsOf(`a '$ID'`, {})).toEqual(['a', '$ID']);
    expect(() => wordsOf('a $ID', {})).toThrow('$ID');
  });
  it('OPS-04: hold what they say, and not what they do not', () => {
    expect(holds({ a: '1', list: [{ n: 1 }, { n: 2, m: 3 }] }, { a: '…', list: [{ n: 2 }] })).toBe(true);
    expect(holds({ a: '1', list: [{ n: 1 }] }, { list: [{ n: 2 }] })).toBe(false);
    expect(holds({ a: '' }, { a: '…' })).toBe(false);
    expect(holds({}, { a: '…' })).toBe(false);
    expect(says(JSON.stringify({ details: [{ value: Buffer.from('xxORDER_CLOSEDxx').toString('base64') }] }), 'ORDER_CLOSED')).toBe(true);
    expect(says('{"value": "AAAA"}', 'ORDER_CLOSED')).toBe(false);
  });
});
