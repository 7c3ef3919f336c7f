import type { Mail } from '@flotilla/notify';
import { z } from 'zod';
import { escapeHtml } from '@flotilla/values';
import { channel } from '../channel.js';
import { linesOf } from '../layout.js';
import { manifest } from './manifest.js';

const account = z.strictObject({ to: z.email(), dailyReport: z.boolean().default(false) });

/** A mail over the service's SMTP server. The Message-ID is the message's: a second copy is the same mail. */
export const mail = channel({
  manifest,
  account,
  sandbox: () => ({ to: 'ops@flotilla.test', dailyReport: true }),
  connect: ({ account: { to, dailyReport }, mailer }) => ({
    ...(dailyReport ? { post: (paper: Mail) => mailer.send(to, paper) } : {}),
    send: (told) => {
      const lines = linesOf(told);
      const html = linesOf(told, (title) => `\u0000${title}`).map((line) => (line.startsWith('\u0000') ? `<h2 style="font-size:15px;margin:16px 0 4px">${escapeHtml(line.slice(1))}</h2>` : `<p style="margin:0 0 4px">${escapeHtml(line)}</p>`));
      return mailer.send(to, {
        subject: told.headline,
        messageId: `<${told.messageId}@alerts.flotilla>`,
        text: `${told.headline}\n\n${lines.join('\n')}\n`,
        html: `<!doctype html><html lang="${told.language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><title>${escapeHtml(told.headline)}</title></head><body style="font-family:-apple-system,'Segoe UI','PingFang SC','Noto Sans SC',sans-serif;color:#1d2522"><h1 style="font-size:18px">${escapeHtml(told.headline)}</h1>${html.join('')}</body></html>`,
      });
    },
  }),
});
