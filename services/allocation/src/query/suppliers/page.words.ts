import type { OfferStatus } from '../../decide/suppliers/offer.decider.js';
import type { Decline } from '../../decide/suppliers/offer.events.js';

export type Language = 'zh' | 'en';

/** What the page says of an offer. READY: accepted, and to be sent now. */
export type Stage = Exclude<OfferStatus, 'NONE' | 'CONSUMED' | 'CONFIRMED'> | 'READY';

interface Words {
  readonly tag: string;
  readonly other: { readonly language: Language; readonly label: string };
  readonly title: string;
  readonly notFound: string;
  readonly notFoundNext: string;
  readonly busy: string;
  readonly stale: string;
  readonly stages: Readonly<Record<Stage, { readonly pill: string; readonly head: string; readonly next: (when: string) => string }>>;
  readonly lines: string;
  readonly sum: string;
  readonly to: string;
  readonly hidden: string;
  readonly erased: string;
  readonly accept: string;
  readonly refuse: string;
  readonly reason: string;
  readonly reasons: Readonly<Record<Decline, string>>;
  readonly carrier: string;
  readonly waybill: string;
  readonly ship: string;
  readonly shipped: string;
  readonly badCarrier: string;
  readonly video: string;
  readonly videoHint: (mebibytes: number) => string;
  readonly attach: string;
  readonly attached: (size: string) => string;
  readonly notAttached: Readonly<Record<'TOO_LARGE' | 'BAD_VIDEO' | 'BAD_REQUEST' | 'OFFER_OVER' | 'UNAVAILABLE', string>>;
}

export const words: Readonly<Record<Language, Words>> = {
  zh: {
    tag: 'zh-CN', other: { language: 'en', label: 'English' }, title: '供应商订单',
    notFound: '链接无效或已过期', notFoundNext: '请打开最近一封邮件中的链接，或联系商家。', busy: '操作太频繁，请一分钟后再试。', stale: '页面已过期，请刷新后重试。',
    stages: {
      OFFERED: { pill: '待确认', head: '您能发这笔订单吗？', next: (when) => `请在 ${when} 之前答复，逾期将转给其他供应商。` },
      ACCEPTED: { pill: '已接单', head: '已接单，感谢！', next: () => '订单放行后，这里会显示收件人信息，并邮件通知您。请先不要发货。' },
      READY: { pill: '待发货', head: '请发货', next: () => '发出后请填写快递公司和运单号。' },
      SHIPPED: { pill: '已发货', head: '已发货，感谢！', next: () => '买家会收到物流信息，您无需再做什么。' },
      REFUSED: { pill: '已拒单', head: '您没有接这笔订单', next: () => '订单已转给其他供应商，请不要发货。' },
      EXPIRED: { pill: '已超时', head: '答复时间已过', next: (when) => `截止时间是 ${when}。订单已转给其他供应商，现在不能再接单，请不要发货。` },
      RELEASED: { pill: '已撤回', head: '这笔订单已撤回', next: () => '订单已取消或改由他人发货，请不要发货。' },
    },
    lines: '商品', sum: '合计', to: '收件人', hidden: '接单并放行后显示', erased: '收件人信息已删除，请联系商家。', accept: '接单', refuse: '不接单', reason: '原因',
    reasons: { OUT_OF_STOCK: '缺货', PRICE: '价格不合适', OTHER: '其他原因' }, carrier: '快递公司代码（如 sf、zto、yto）', waybill: '运单号', ship: '确认发货', shipped: '运单', badCarrier: '请检查快递公司代码和运单号',
    video: '装箱视频', videoHint: (mebibytes) => `请上传装箱过程的视频（MP4、MOV 或 WebM，不超过 ${mebibytes} MiB），发生纠纷时可作为凭证。`, attach: '上传视频', attached: (size) => `已上传（${size}）`,
    notAttached: { TOO_LARGE: '视频太大，请压缩后重新上传。', BAD_VIDEO: '这不是 MP4、MOV 或 WebM 视频，请重新选择。', BAD_REQUEST: '上传中断或没有选择文件，请重新上传。', OFFER_OVER: '发货后才能上传视频，且每笔订单最多五个。', UNAVAILABLE: '暂时无法保存视频，请稍后再试。' },
  },
  en: {
    tag: 'en', other: { language: 'zh', label: '中文' }, title: 'Order for a supplier',
    notFound: 'This link is not valid any more', notFoundNext: 'Please open the link of the newest mail, or ask the merchant.', busy: 'Too many tries. Please wait a minute.', stale: 'This page was too old. Please try again.',
    stages: {
      OFFERED: { pill: 'Waiting for you', head: 'Can you send this order?', next: (when) => `Please answer by ${when}. After that it goes to another supplier.` },
      ACCEPTED: { pill: 'Accepted', head: 'Accepted, thank you', next: () => 'As soon as the order is released the address stands here, and you get a mail. Please do not send it yet.' },
      READY: { pill: 'To be sent', head: 'Please send it now', next: () => 'When it has left, enter the carrier and its waybill number.' },
      SHIPPED: { pill: 'Sent', head: 'Sent, thank you', next: () => 'The buyer can follow the parcel. There is nothing left to do for you.' },
      REFUSED: { pill: 'Refused', head: 'You did not take this order', next: () => 'It went to another supplier. Please do not send it.' },
      EXPIRED: { pill: 'Too late', head: 'The time to answer is over', next: (when) => `It ended at ${when}. The order went to another supplier and cannot be accepted any more. Please do not send it.` },
      RELEASED: { pill: 'Withdrawn', head: 'This order was withdrawn', next: () => 'It was cancelled, or somebody else sends it. Please do not send it.' },
    },
    lines: 'Goods', sum: 'Total', to: 'Recipient', hidden: 'shown once accepted and released', erased: 'The recipient’s data was erased. Please ask the merchant.', accept: 'Accept', refuse: 'Refuse', reason: 'Reason',
    reasons: { OUT_OF_STOCK: 'Out of stock', PRICE: 'The price is not right', OTHER: 'Another reason' }, carrier: 'Carrier’s code (such as sf, zto, yto)', waybill: 'Waybill number', ship: 'It has left', shipped: 'Waybill', badCarrier: 'Please check the carrier’s code and the number',
    video: 'Packing video', videoHint: (mebibytes) => `Please show how it was packed (MP4, MOV or WebM, at most ${mebibytes} MiB). It is your proof if the buyer complains.`, attach: 'Upload the video', attached: (size) => `Attached (${size})`,
    notAttached: { TOO_LARGE: 'The video is too large. Please make it smaller and try again.', BAD_VIDEO: 'This is no MP4, MOV or WebM video. Please choose another file.', BAD_REQUEST: 'The upload broke off, or no file was chosen. Please try again.', OFFER_OVER: 'A video can be attached to what was sent, five at most.', UNAVAILABLE: 'Videos cannot be kept at the moment. Please try again later.' },
  },
};
