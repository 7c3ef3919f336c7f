import type { Mail } from '@flotilla/notify';
import { escapeHtml } from '@flotilla/values';
import type { Notice, NoticeKind } from '../decide/notice.events.js';

interface Words {
  readonly subject: (number: string) => string;
  readonly lead: (carrier: string) => string;
  readonly next: string;
}

/** What the buyer needs to collect it. */
export interface Collecting {
  readonly code: string;
  /** Name and address of the store. */
  readonly place: string;
}

const words: Readonly<Record<'zh' | 'en', Readonly<Record<NoticeKind, Words>>>> = {
  zh: {
    ACCEPTED: { subject: (number) => `您的订单${number}已确认`, lead: () => '店铺已确认您的订单，正在备货。', next: '发货后我们会通知您。' },
    PICKING: { subject: (number) => `您的订单${number}正在拣货`, lead: () => '仓库正在为您拣货。', next: '发货后我们会通知您。' },
    PACKED: { subject: (number) => `您的订单${number}已打包`, lead: () => '包裹已打包，等待承运商揽收。', next: '发货后我们会通知您。' },
    SHIPPED: { subject: (number) => `您的订单${number}已发货`, lead: (carrier) => `包裹已交给${carrier}，正在路上。`, next: '点开下面的页面，随时查看最新进度。' },
    OUT_FOR_DELIVERY: { subject: (number) => `您的订单${number}正在派送`, lead: (carrier) => `${carrier}的快递员正在为您派送。`, next: '请保持电话畅通。' },
    READY_FOR_PICKUP: { subject: (number) => `您的订单${number}可以自提了`, lead: () => '包裹已到店，等您来取。', next: '请到店出示取件码。' },
    DELIVERED: { subject: (number) => `您的订单${number}已签收`, lead: (carrier) => `${carrier}显示包裹已签收。`, next: '如果您没有收到，请联系店铺客服。欢迎在包裹页面评价这次配送。' },
    EXCEPTION: { subject: (number) => `您的订单${number}派送遇到问题`, lead: (carrier) => `${carrier}未能按计划派送包裹。`, next: '请在下面的页面查看原因，并告诉店铺您希望怎么处理：转寄、自取或退回。' },
  },
  en: {
    ACCEPTED: { subject: (number) => `Your order${number} is confirmed`, lead: () => 'The shop has confirmed your order and is getting it ready.', next: 'We will tell you when it leaves.' },
    PICKING: { subject: (number) => `Your order${number} is being picked`, lead: () => 'The warehouse is picking your order.', next: 'We will tell you when it leaves.' },
    PACKED: { subject: (number) => `Your order${number} is packed`, lead: () => 'Your parcel is packed and waits for the carrier.', next: 'We will tell you when it leaves.' },
    SHIPPED: { subject: (number) => `Your order${number} is on its way`, lead: (carrier) => `Your parcel was handed to ${carrier}.`, next: 'Follow it at any time on its page.' },
    OUT_FOR_DELIVERY: { subject: (number) => `Your order${number} is out for delivery`, lead: (carrier) => `${carrier} is bringing your parcel.`, next: 'Please keep your phone at hand.' },
    READY_FOR_PICKUP: { subject: (number) => `Your order${number} is ready for pickup`, lead: () => 'Your parcel is in the store, ready for pickup.', next: 'Please show the pickup code in the store.' },
    DELIVERED: { subject: (number) => `Your order${number} was delivered`, lead: (carrier) => `${carrier} reports that your parcel was delivered.`, next: 'If you do not have it, please contact the shop. Its page asks you how the delivery was.' },
    EXCEPTION: { subject: (number) => `A problem with the delivery of your order${number}`, lead: (carrier) => `${carrier} could not deliver your parcel as planned.`, next: 'The page says why, and lets you tell the shop what to do: forward it, leave it for you to fetch, or send it back.' },
  },
};

const labels = {
  zh: { hello: '您好，', waybill: '运单号', button: '查看包裹', foot: '这封邮件因您的订单自动发出，请勿回复。', space: ' ', code: '取件码', place: '门店', stop: '不再接收包裹通知' },
  en: { hello: 'Hello,', waybill: 'Waybill', button: 'Follow your parcel', foot: 'This message was sent because of your order; nobody reads replies to it.', space: ' ', code: 'Pickup code', place: 'Store', stop: 'Stop these messages' },
} as const;

/** The mail of a notice. Nothing personal stands in it but the order number; the link is its own proof. */
export const toMail = (notice: Notice, carrier: string, link: string, collecting?: Collecting, unsubscribe?: string): Mail => {
  const { language, kind, number, waybill, noticeId } = notice;
  const say = words[language][kind];
  const label = labels[language];
  const subject = say.subject(number === '' ? '' : ` ${number}${language === 'zh' ? ' ' : ''}`);
  const lead = say.lead(carrier);
  const where = collecting ? [`${label.code}: ${collecting.code}`, `${label.place}: ${collecting.place.replaceAll('\n', ', ')}`] : [];
  return {
    subject,
    messageId: `<${noticeId}@notices.flotilla>`,
    ...(unsubscribe === undefined ? {} : { unsubscribe }),
    text: `${label.hello}\n\n${lead} ${say.next}\n\n${where.map((line) => `${line}\n`).join('')}${label.button}: ${link}\n${waybill === '' ? '' : `${carrier}, ${label.waybill} ${waybill}\n`}\n-- \n${label.foot}\n${unsubscribe === undefined ? '' : `${label.stop}: ${unsubscribe}\n`}`,
    html: `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;background:#f3f1ec;font-family:-apple-system,'Segoe UI','PingFang SC','Noto Sans SC',Helvetica,Arial,sans-serif;color:#1d2522">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" style="padding:32px 16px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:480px;background:#ffffff;border-radius:16px"><tr><td style="padding:32px">
<p style="margin:0 0 12px;font-size:15px;color:#5b6661">${escapeHtml(label.hello)}</p>
<h1 style="margin:0 0 12px;font-size:22px;line-height:1.35">${escapeHtml(lead)}</h1>
<p style="margin:0 0 24px;font-size:15px;line-height:1.6;color:#3d4743">${escapeHtml(say.next)}</p>${where.map((line) => `
<p style="margin:0 0 16px;font-size:18px;line-height:1.5"><strong>${escapeHtml(line)}</strong></p>`).join('')}
<p style="margin:0 0 24px"><a href="${escapeHtml(link)}" style="display:inline-block;padding:14px 24px;border-radius:999px;background:#0b6b57;color:#ffffff;font-size:16px;text-decoration:none">${escapeHtml(label.button)}</a></p>${waybill === '' ? '' : `
<p style="margin:0;font-size:13px;color:#5b6661">${escapeHtml(carrier)} · ${escapeHtml(label.waybill)} ${escapeHtml(waybill)}</p>`}
</td></tr></table>
<p style="max-width:480px;margin:16px auto 0;font-size:12px;color:#5b6661">${escapeHtml(label.foot)}${unsubscribe === undefined ? '' : ` <a href="${escapeHtml(unsubscribe)}" style="color:#5b6661">${escapeHtml(label.stop)}</a>`}</p>
</td></tr></table></body></html>`,
  };
};
