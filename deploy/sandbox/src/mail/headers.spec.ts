import { describe, expect, it } from '@jest/globals';
import { readHeaders } from './headers.js';

describe('mail headers', () => {
  it('are unfolded and decoded, also where a character is cut between two words', () => {
    const raw = 'Subject: =?UTF-8?B?6aG6?=\r\n =?UTF-8?B?5Lg=?= =?UTF-8?B?sA==?=\r\nTo: a@example.com\r\nX: =?utf-8?Q?gr=C3=BC=C3=9Fe_an?= Bo\r\n\r\nSubject: body';
    expect(readHeaders(raw)).toEqual({ subject: '顺丰', to: 'a@example.com', x: 'grüße an Bo' });
  });
});
