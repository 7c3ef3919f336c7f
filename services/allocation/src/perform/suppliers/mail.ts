import type { Mail } from '@flotilla/notify';
import type { MessageKind } from '../../decide/suppliers/offer.events.js';

interface Words {
  readonly subject: (number: string) => string;
  readonly lead: (until: string) => string;
}

const words: Readonly<Record<'zh' | 'en', Readonly<Record<MessageKind, Words>> & { readonly open: string; readonly foot: string }>> = {
  zh: {
    OFFER: { subject: (number) => `新订单待确认 ${number}`, lead: (until) => `有一笔新订单等您确认，请在 ${until} 之前接单或拒单；逾期将自动转给其他供应商。` },
    WITHDRAWN: { subject: (number) => `订单已撤回 ${number}`, lead: () => '这笔订单已撤回，请不要发货。' },
    SHIP: { subject: (number) => `请发货 ${number}`, lead: () => '这笔订单可以发货了，收件人信息在页面上。发货后请填写运单号。' },
    open: '打开订单',
    foot: '此邮件由系统自动发出，链接仅供您使用，请勿转发。',
  },
  en: {
    OFFER: { subject: (number) => `A new order to confirm, ${number}`, lead: (until) => `A new order waits for your answer until ${until}. After that it goes to another supplier.` },
    WITHDRAWN: { subject: (number) => `Order withdrawn, ${number}`, lead: () => 'This order was withdrawn. Please do not send it.' },
    SHIP: { subject: (number) => `Please ship, ${number}`, lead: () => 'This order can be sent now; the address is on its page. Please enter the waybill number when it has left.' },
    open: 'Open the order',
    foot: 'Sent automatically. The link is yours alone, please do not pass it on.',
  },
};

/** A business instant as people read it in China: "11-22 18:30", with its zone. */
export const readable = (instant: string): string => `${new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short' }).format(new Date(instant))} (UTC+8)`;

/** A short name of an offer, the same in mails and on the page. */
export const numberOf = (lockId: string): string => lockId.slice(0, 8).toUpperCase();

/** What a supplier is written. Nothing about the buyer is in it; the link is its own proof. */
export const toMail = (message: MessageKind, { lockId, until, language, link }: { readonly lockId: string; readonly until: string; readonly language: string; readonly link: string }): Mail => {
  const say = words[language === 'zh' ? 'zh' : 'en'];
  return {
    subject: say[message].subject(numberOf(lockId)),
    text: `${say[message].lead(readable(until))}\n\n${say.open}: ${link}\n\n-- \n${say.foot}\n`,
    messageId: `<${lockId}.${message.toLowerCase()}@suppliers.flotilla>`,
  };
};
