import { describe, expect, it } from '@jest/globals';
import { sendSms, smsSignature, type SmsAccount } from './sms.js';

const account: SmsAccount = { url: 'http://sms.example/', accessKeyId: 'testId', accessKeySecret: 'testSecret', signName: '阿里云短信测试专用' };
const sms = { phone: '+8615300000001', template: 'SMS_1', params: { code: '123456' }, outId: 'o', nonce: 'n' };
const now = new Date('2017-07-12T02:42:19.123Z');
const answering = (status: number, body: string) => async (): Promise<Response> => new Response(body, { status });

describe('the SMS gateway', () => {
  it('ALR-02: signs as the vendor’s own example', () => {
    const params = {
      AccessKeyId: 'testId', Action: 'SendSms', Format: 'XML', OutId: '123', PhoneNumbers: '15300000001', RegionId: 'cn-hangzhou', SignName: '阿里云短信测试专用', SignatureMethod: 'HMAC-SHA1',
      SignatureNonce: '45e25e9b-0a6f-4070-8c85-2956eda1b466', SignatureVersion: '1.0', TemplateCode: 'SMS_71390007', TemplateParam: '{"customer":"test"}', Timestamp: '2017-07-12T02:42:19Z', Version: '2017-05-25',
    };
    expect(smsSignature('GET', params, 'testSecret')).toBe('zJDF+Lrzhj/ThnlvIToysFRq6t4=');
  });

  it('ALR-02: sends a mainland number bare, a foreign one with its country code, and the time without milliseconds', async () => {
    const sent: URLSearchParams[] = [];
    const fetch = async (_url: string, { body }: RequestInit): Promise<Response> => {
      sent.push(body as URLSearchParams);
      return new Response('{"Code":"OK","Message":"OK","BizId":"1","RequestId":"r"}');
    };
    expect(await sendSms(account, fetch, now, sms)).toEqual({ accepted: true });
    await sendSms(account, fetch, now, { ...sms, phone: '+60123456789' });
    expect(sent.map((form) => form.get('PhoneNumbers'))).toEqual(['15300000001', '60123456789']);
    const { Signature, ...fields } = Object.fromEntries(sent[0]!);
    expect([fields['Timestamp'], Signature]).toEqual(['2017-07-12T02:42:19Z', smsSignature('POST', fields, 'testSecret')]);
  });

  it('ALR-02: cuts a parameter that the gateway would refuse', async () => {
    const sent: string[] = [];
    const fetch = async (_url: string, { body }: RequestInit): Promise<Response> => {
      sent.push((body as URLSearchParams).get('TemplateParam') ?? '');
      return new Response('{"Code":"OK"}');
    };
    await sendSms(account, fetch, now, { ...sms, params: { subject: '包'.repeat(36), number: '1'.repeat(35) } });
    expect(JSON.parse(sent[0]!)).toEqual({ subject: `${'包'.repeat(34)}…`, number: '1'.repeat(35) });
  });

  it.each([
    ['a number that was told too often waits', 200, '{"Code":"isv.BUSINESS_LIMIT_CONTROL"}', { certain: true, final: false, retryAfterMs: 60_000 }],
    ['a number that is none is final', 200, '{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}', { certain: true, final: true }],
    ['a code that nobody knows is final', 400, '{"Code":"isv.NEVER_HEARD_OF"}', { certain: true, final: true }],
    ['an answer that is none leaves it open', 502, '<html>', { certain: false, final: false, detail: 'HTTP 502' }],
  ])('ALR-02: %s', async (_, status, body, expected) => expect(await sendSms(account, answering(status, body), now, sms)).toMatchObject({ accepted: false, ...expected }));

  it('ALR-02: a nonce that the gateway has seen means that the first try was taken', async () => expect(await sendSms(account, answering(400, '{"Code":"SignatureNonceUsed"}'), now, sms)).toEqual({ accepted: true }));

  it('ALR-02: a gateway that was not reached has taken nothing; one that fell silent, nobody knows', async () => {
    const failing = (error: Error) => (): Promise<Response> => Promise.reject(error);
    expect(await sendSms(account, failing(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })), now, sms)).toMatchObject({ certain: true, final: false });
    expect(await sendSms(account, failing(new DOMException('late', 'TimeoutError')), now, sms)).toMatchObject({ certain: false, final: false, detail: 'TimeoutError' });
  });
});
