import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { pageOf, query } from '../control/reply.js';
import { answer, type Answer } from '../faults/answer.js';
import type { Faults } from '../faults/faults.js';
import type { Ledger } from '../ledger/ledger.js';
import { WAYS, type People, type Way } from './people.js';
import { dingtalkSign, feishuSign, receiverSecret, sameText, signedWebhook, smsSign } from './signatures.js';

// Not secrets: this world exists on one machine.
const dingtalk = { token: 'sandbox-dingtalk', secret: 'SECsandbox' };
const wecomKey = 'sandbox-wecom';
const feishu = { hook: 'sandbox-feishu', secret: 'sandbox-feishu-secret' };
const sms = { id: 'sandbox', secret: 'sandbox-sms-secret' };

const hourMs = 3_600_000;

const json = (body: object, status = 200): Answer => ({ status, body: JSON.stringify(body) });
const robot = (errcode: number, errmsg: string): Answer => json({ errcode, errmsg });
const hook = (code: number, msg: string): Answer => json({ code, msg, data: {} });
const gateway = (Code: string, status = 200): Answer => json({ Code, Message: Code, RequestId: 'sandbox', ...(Code === 'OK' ? { BizId: String(Date.now()) } : {}) }, status);

const textOf = (request: FastifyRequest): string => (Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const markdown = z.object({ msgtype: z.literal('markdown'), markdown: z.object({ title: z.string().min(1), text: z.string().min(1) }) });
const wecomMarkdown = z.object({ msgtype: z.literal('markdown'), markdown: z.object({ content: z.string().min(1) }) });
const run = z.array(z.array(z.object({ tag: z.literal('text'), text: z.string() })));
const post = z.object({
  timestamp: z.string(), sign: z.string(), msg_type: z.literal('post'),
  content: z.object({ post: z.record(z.enum(['zh_cn', 'en_us']), z.object({ title: z.string(), content: run }).optional()) }),
});

/** Robots of three chats, an SMS gateway and somebody's webhook: they check signatures, throttle, and fail on demand. */
export function peopleApi(app: FastifyInstance, options: { people: People; faults: Faults; ledger: Ledger }): void {
  const { people, faults, ledger } = options;

  const serve = (way: Way, url: string, limited: () => Answer, take: (request: FastifyRequest) => Answer): void => {
    app.post(url, async (request, reply): Promise<FastifyReply> => {
      const noted = (status: string): void => void ledger.note({ world: 'people', direction: 'in', kind: `${way}.send`, deliveryId: String(request.headers['webhook-id'] ?? ''), status });
      if (people.tooFast(way)) {
        const { status, body, headers } = limited();
        noted('too fast');
        return reply.code(status).headers({ 'content-type': 'application/json; charset=utf-8', ...headers }).send(body);
      }
      return answer({ faults, target: way, operation: `${way}.send`, reply, limited, noted }, () => take(request));
    });
  };

  serve('dingtalk', '/dingtalk/robot/send', () => robot(130101, 'send too fast, exceed 20 times per minute'), (request) => {
    const [token, timestamp, sign] = ['access_token', 'timestamp', 'sign'].map((name) => query(request, name) ?? '');
    if (token !== dingtalk.token) return robot(300001, 'token is not exist');
    if (Math.abs(Date.now() - Number(timestamp)) > hourMs) return robot(310000, 'invalid timestamp');
    if (!sameText(sign!, dingtalkSign(timestamp!, dingtalk.secret))) return robot(310000, 'sign not match');
    const text = textOf(request);
    const read = markdown.safeParse(jsonOf(text));
    if (!read.success || Buffer.byteLength(text) > 20_480) return robot(400105, 'unsupported message');
    people.read('dingtalk', '', read.data.markdown.text);
    return robot(0, 'ok');
  });

  serve('wecom', '/wecom/cgi-bin/webhook/send', () => robot(45009, 'api freq out of limit'), (request) => {
    if (query(request, 'key') !== wecomKey) return robot(93000, 'invalid webhook url');
    const read = wecomMarkdown.safeParse(jsonOf(textOf(request)));
    if (!read.success) return robot(40058, 'invalid message');
    if (Buffer.byteLength(read.data.markdown.content) > 4_096) return robot(40058, 'markdown.content exceed max length 4096');
    people.read('wecom', '', read.data.markdown.content);
    return robot(0, 'ok');
  });

  serve('feishu', `/feishu/open-apis/bot/v2/hook/${feishu.hook}`, () => hook(11232, 'frequency limited'), (request) => {
    const text = textOf(request);
    const read = post.safeParse(jsonOf(text));
    if (!read.success || Buffer.byteLength(text) > 20_480) return hook(9499, 'Bad Request');
    const { timestamp, sign, content } = read.data;
    if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > hourMs / 1_000 || !sameText(sign, feishuSign(timestamp, feishu.secret))) return hook(19021, 'sign match fail or timestamp is not within one hour from current time');
    const said = content.post.zh_cn ?? content.post.en_us;
    people.read('feishu', '', [said?.title ?? '', ...(said?.content ?? []).map((line) => line.map((part) => part.text).join(''))].join('\n'));
    return hook(0, 'success');
  });

  serve('sms', '/sms/', () => gateway('isv.BUSINESS_LIMIT_CONTROL'), (request) => {
    const fields = new Map(new URLSearchParams(textOf(request)));
    const field = (name: string): string => fields.get(name) ?? '';
    if (field('AccessKeyId') !== sms.id) return gateway('InvalidAccessKeyId.NotFound', 404);
    if (Math.abs(Date.now() - Date.parse(field('Timestamp'))) > hourMs / 4) return gateway('InvalidTimeStamp.Expired', 400);
    if (!sameText(field('Signature'), smsSign(fields, sms.secret))) return gateway('SignatureDoesNotMatch', 400);
    if (people.seen(field('SignatureNonce'))) return gateway('SignatureNonceUsed', 400);
    if (field('Action') !== 'SendSms' || field('SignName') === '' || !field('TemplateCode').startsWith('SMS_')) return gateway('isv.SMS_TEMPLATE_ILLEGAL');
    if (!/^\d{8,15}$/.test(field('PhoneNumbers'))) return gateway('isv.MOBILE_NUMBER_ILLEGAL');
    const params = z.record(z.string(), z.string().max(35)).safeParse(jsonOf(field('TemplateParam')));
    if (!params.success) return gateway('isv.TEMPLATE_PARAMS_ILLEGAL');
    people.read('sms', field('PhoneNumbers'), `【${field('SignName')}】${field('TemplateCode')} ${JSON.stringify(params.data)}`);
    return gateway('OK');
  });

  serve('receiver', '/webhook/:name', () => ({ status: 429, body: '{}', headers: { 'retry-after': '1' } }), (request) => {
    if (!signedWebhook(receiverSecret, request)) return json({ error: 'signature' }, 401);
    people.read('receiver', String(request.headers['webhook-id']), textOf(request));
    return json({});
  });

  app.get('/_control/people', async (request) => {
    const { after, limit } = pageOf(request, 500);
    const way = WAYS.find((one) => one === query(request, 'way'));
    return { told: people.told(way, query(request, 'to'), after).slice(0, limit) };
  });
  app.delete('/_control/people/limits', async () => {
    people.calm();
    return {};
  });
}
