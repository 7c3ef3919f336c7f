import { channel } from '../channel.js';
import { post, receiver, sandboxSecret } from '../standard-webhook.js';
import { manifest } from './manifest.js';

/** A program of the merchant's that is told what people are told. */
export const webhook = channel({
  manifest,
  account: receiver,
  sandbox: (url) => ({ url: `${url}/webhook/alerts`, secret: sandboxSecret }),
  connect: (to) => ({ send: ({ messageId, severity, headline, sections, more, at }) => post(to, messageId, { type: 'alerts.incidents', timestamp: at, data: { messageId, severity, headline, sections, more } }) }),
});
