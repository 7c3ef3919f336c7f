import { describe, expect, it } from '@jest/globals';
import { specify } from '@flotilla/testing';
import { isCode, lookUpCode } from '../query/look-up-code.js';
import { lookUp, mostMistakes } from './look-up.decider.js';

const index = 'hmac-of-a-phone';
const at = (minutes: number): string => new Date(Date.parse('2026-11-29T08:00:00.000Z') + minutes * 60_000).toISOString();
const { given } = specify(lookUp);
const ask = (minutes: number, lookUpId = `l${minutes}`) => ({ type: 'Ask', data: { index, lookUpId, at: at(minutes) } }) as const;
const asked = (minutes: number) => ({ type: 'CodeAsked', data: { index, lookUpId: `l${minutes}`, at: at(minutes) } }) as const;
const attempt = (minutes: number, right: boolean) => ({ type: 'Try', data: { index, right, at: at(minutes) } }) as const;
const refused = (minutes: number) => ({ type: 'CodeRefused', data: { index, at: at(minutes) } }) as const;
const accepted = (minutes: number, of: number) => ({ type: 'CodeAccepted', data: { index, lookUpId: `l${of}`, at: at(minutes) } }) as const;

describe('TRK-04: a code to a phone', () => {
  it('is asked for at most three times an hour', () => {
    given().when(ask(0)).then(asked(0));
    given(asked(0), asked(1), asked(2)).when(ask(59)).thenRefused('OVERLOADED');
    given(asked(0), asked(1), asked(2)).when(ask(60)).then(asked(60));
  });
  it('is good for ten minutes, five tries, and once', () => {
    given(asked(0)).when(attempt(9, true)).then(accepted(9, 0));
    given(asked(0)).when(attempt(9, false)).then(refused(9));
    given(asked(0)).when(attempt(10, true)).thenNothing();
    given(asked(0), ...Array.from({ length: mostMistakes }, () => refused(1))).when(attempt(2, true)).thenNothing();
    given(asked(0), accepted(1, 0)).when(attempt(2, true)).thenNothing();
    given().when(attempt(0, true)).thenNothing();
  });
  it('is sent once, while it is good and the last one', () => {
    const send = (minutes: number, of: number) => ({ type: 'Send', data: { index, lookUpId: `l${of}`, subject: 's', at: at(minutes) } }) as const;
    const sent = { type: 'CodeSent', data: { index, lookUpId: 'l0', subject: 's', at: at(1) } } as const;
    given(asked(0)).when(send(1, 0)).then(sent);
    given(asked(0), sent).when(send(2, 0)).thenNothing();
    given(asked(0)).when(send(10, 0)).thenNothing();
    given(asked(0), asked(1)).when(send(2, 0)).thenNothing();
    given(asked(0), sent, asked(1)).thenState({ lookUpId: 'l1', askedAt: at(1), sent: false, subject: '', mistakes: 0, asked: [at(0), at(1)] });
  });
  it('is another one when it is asked for again, with tries of its own', () => given(asked(0), ...Array.from({ length: mostMistakes }, () => refused(1)), asked(2)).when(attempt(3, true)).then(accepted(3, 2)));
  it('is six digits that only the key makes, however they are typed', () => {
    const key = Buffer.alloc(32, 1);
    const code = lookUpCode(key, 'l');
    expect(code).toMatch(/^\d{6}$/);
    expect([lookUpCode(key, 'm') === code, lookUpCode(Buffer.alloc(32, 2), 'l') === code]).toEqual([false, false]);
    expect([isCode(` ${code.slice(0, 3)}-${code.slice(3)} `, code), isCode(code.slice(1), code), isCode('', code), isCode(`${code}0`, code)]).toEqual([true, false, false, false]);
  });
});
