import { describe, expect, it } from '@jest/globals';
import { ownOf } from './own.js';
import { depthOf, escapeHtml, jsonOf, storable } from './text.js';

describe('texts', () => {
  it('ALR-02: JSON is read, and what is none is no error', () => expect([jsonOf('{"a":[1]}'), jsonOf('null'), jsonOf(''), jsonOf('{')]).toEqual([{ a: [1] }, null, undefined, undefined]));
  it('ING-14: JSON that would exhaust the stack of whoever walks it is none; brackets in its texts do not count', () => {
    expect([depthOf('[{"a":"[[[\\"[["}]'), depthOf('1'), depthOf(']]['), jsonOf(`${'['.repeat(64)}${']'.repeat(64)}`) === undefined, jsonOf(`${'['.repeat(65)}${']'.repeat(65)}`)]).toEqual([2, 0, 0, false, undefined]);
  });
  it('ING-14: what no database takes is replaced, and a cut leaves no half of a character', () => expect([storable('a\0b\ud83d'), storable(`${'x'.repeat(39)}😀`, 40), storable('茶😀')]).toEqual(['a\ufffdb\ufffd', `${'x'.repeat(39)}\ufffd`, '茶😀']));
  it('ING-14: a table knows its own words alone', () => expect(['a', 'b', 'constructor', '__proto__', 'toString'].map((word) => ownOf({ a: 1 }, word))).toEqual([1, undefined, undefined, undefined, undefined]));
  it('ALR-02: nothing of a text becomes markup', () => expect(escapeHtml(`<b title="it's">R&D</b> 好`)).toBe('&#60;b title=&#34;it&#39;s&#34;&#62;R&#38;D&#60;/b&#62; 好'));
});
