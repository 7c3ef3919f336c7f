import { describe, expect, it } from '@jest/globals';
import { escapeHtml, jsonOf } from './text.js';

describe('texts', () => {
  it('ALR-02: JSON is read, and what is none is no error', () => expect([jsonOf('{"a":[1]}'), jsonOf('null'), jsonOf(''), jsonOf('{')]).toEqual([{ a: [1] }, null, undefined, undefined]));
  it('ALR-02: nothing of a text becomes markup', () => expect(escapeHtml(`<b title="it's">R&D</b> 好`)).toBe('&#60;b title=&#34;it&#39;s&#34;&#62;R&#38;D&#60;/b&#62; 好'));
});
