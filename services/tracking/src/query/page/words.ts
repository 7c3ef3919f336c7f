import type { Milestone } from '../../decide/milestones.js';

export type Language = 'zh' | 'en';

interface Status {
  /** The one sentence. */
  readonly sentence: string;
  /** What the buyer can do; "" if nothing. */
  readonly next: string;
}

export interface Words {
  readonly tag: string;
  readonly other: { readonly language: Language; readonly label: string };
  readonly status: Readonly<Record<Milestone, Status>>;
  readonly shipped: Status;
  readonly again: Status;
  readonly scan: Readonly<Record<Milestone, string>>;
  /** What is said otherwise of a parcel that the buyer collects in our store. {code} and {place} are where it is shown. */
  readonly pickup: { readonly status: Partial<Readonly<Record<Milestone, Status>>>; readonly shipped: Status; readonly scan: Partial<Readonly<Record<Milestone, string>>>; readonly stages: readonly [string, string, string, string] };
  /** What a scan in transit tells by the carrier's words: at a hub, or on to the next. */
  readonly hub: { readonly arrived: string; readonly left: string };
  readonly stages: readonly [string, string, string, string];
  readonly phone: { readonly title: string; readonly lead: string; readonly send: string; readonly sent: string; readonly code: string; readonly check: string; readonly wrong: string; readonly noPhone: string; readonly again: string };
  readonly consent: { readonly title: string; readonly in: string; readonly inNext: string; readonly stop: string; readonly out: string; readonly outNext: string; readonly again: string; readonly invalidNext: string };
  readonly answers: {
    readonly choice: { readonly title: string; readonly lead: string; readonly forward: string; readonly address: string; readonly keep: string; readonly back: string; readonly send: string };
    readonly chosen: Readonly<Record<'FORWARD' | 'KEEP' | 'RETURN', string>>;
    readonly feedback: { readonly title: string; readonly lead: string; readonly scale: string; readonly words: string; readonly send: string; readonly thanks: string };
    readonly refused: string;
    readonly wrong: Readonly<Record<'choice' | 'address' | 'rating' | 'words', string>>;
    readonly erased: string;
    readonly back: string;
  };
  /** Where a parcel comes from. {warehouse} is what the public may know of it. */
  readonly proof: { readonly title: string; readonly lead: string; readonly steps: Readonly<Record<'PLACED' | 'PAID' | 'RELEASED' | 'PACKED' | 'SHIPPED', string>>; readonly warehouse: string; readonly file: string };
  readonly page: {
    readonly title: string;
    readonly order: string;
    readonly waybill: string;
    readonly items: string;
    readonly journey: string;
    readonly original: string;
    readonly shippedEntry: string;
    readonly today: string;
    readonly yesterday: string;
    readonly since: string;
    readonly zone: string;
    readonly stageNow: string;
    readonly none: string;
    readonly notFound: string;
    readonly notFoundNext: string;
    readonly lookUp: string;
    /** When it was promised for: {day}, today, or what is said once that has passed. */
    readonly expected: string;
    readonly expectedToday: string;
    readonly late: string;
  };
  readonly track: {
    readonly title: string;
    readonly lead: string;
    readonly phone: string;
    readonly phoneHint: string;
    readonly number: string;
    readonly numberHint: string;
    readonly button: string;
    readonly neutral: string;
    readonly busy: string;
    readonly several: string;
  };
}

// {carrier} is the carrier's name.
export const words: Readonly<Record<Language, Words>> = {
  zh: {
    tag: 'zh-CN',
    other: { language: 'en', label: 'English' },
    status: {
      MILESTONE_UNSPECIFIED: { sentence: '商家正在准备您的包裹', next: '' },
      MILESTONE_LABEL_CREATED: { sentence: '商家正在准备您的包裹', next: '发出后这里会显示物流进度。' },
      MILESTONE_PICKED_UP: { sentence: '{carrier}已揽收您的包裹', next: '' },
      MILESTONE_IN_TRANSIT: { sentence: '您的包裹正在路上', next: '' },
      MILESTONE_CUSTOMS: { sentence: '您的包裹正在清关', next: '清关可能需要几天，暂时无需您操作。' },
      MILESTONE_OUT_FOR_DELIVERY: { sentence: '正在为您派送', next: '请保持电话畅通。' },
      MILESTONE_READY_FOR_PICKUP: { sentence: '包裹已到取件点，等您来取', next: '请凭承运商发给您的取件码取件。' },
      MILESTONE_DELIVERY_FAILED: { sentence: '这次没能送到', next: '快递员会再次派送；地址或电话有误请联系店铺客服。' },
      MILESTONE_EXCEPTION: { sentence: '派送遇到了问题', next: '{carrier}正在处理；需要帮助请联系店铺客服。' },
      MILESTONE_RETURNING: { sentence: '包裹正在退回商家', next: '如需重新发货，请联系店铺客服。' },
      MILESTONE_RETURNED: { sentence: '包裹已退回商家', next: '如需重新发货，请联系店铺客服。' },
      MILESTONE_DELIVERED: { sentence: '包裹已签收', next: '没有收到？请联系店铺客服。' },
      MILESTONE_CANCELLED: { sentence: '这次发货已取消', next: '' },
    },
    shipped: { sentence: '包裹已发出，等待{carrier}揽收', next: '' },
    again: { sentence: '您的包裹又在路上了', next: '' },
    scan: {
      MILESTONE_UNSPECIFIED: '承运商更新',
      MILESTONE_LABEL_CREATED: '已生成运单',
      MILESTONE_PICKED_UP: '已揽收',
      MILESTONE_IN_TRANSIT: '运输中',
      MILESTONE_CUSTOMS: '清关',
      MILESTONE_OUT_FOR_DELIVERY: '派送中',
      MILESTONE_READY_FOR_PICKUP: '待取件',
      MILESTONE_DELIVERY_FAILED: '派送未成功',
      MILESTONE_EXCEPTION: '异常',
      MILESTONE_RETURNING: '退回中',
      MILESTONE_RETURNED: '已退回',
      MILESTONE_DELIVERED: '已签收',
      MILESTONE_CANCELLED: '已取消',
    },
    pickup: {
      status: {
        MILESTONE_READY_FOR_PICKUP: { sentence: '包裹已到店，等您来取', next: '请到店出示取件码 {code}。门店：{place}' },
        MILESTONE_DELIVERED: { sentence: '包裹已取走', next: '不是您取的？请联系店铺客服。' },
      },
      shipped: { sentence: '门店正在为您准备', next: '可以取的时候我们会通知您。' },
      scan: { MILESTONE_DELIVERED: '已取走' },
      stages: ['备货中', '已到店', '可自提', '已取走'],
    },
    hub: { arrived: '到达转运中心', left: '离开转运中心' },
    stages: ['已发货', '运输中', '派送中', '已签收'],
    phone: {
      title: '用手机号查询', lead: '我们向该手机号发送验证码，验证后显示它的全部包裹。', send: '发送验证码', sent: '如果该手机号有包裹，验证码已发出，10 分钟内有效。', code: '验证码', check: '查看包裹', wrong: '验证码不正确或已失效，请核对，或重新获取。', noPhone: '请输入有效的手机号。', again: '重新获取验证码',
    },
    consent: {
      title: '包裹通知', in: '您正在接收包裹通知', inNext: '不想再收到？停止后，我们不再发送发货、派送、签收等通知。自提取件码仍会发送。', stop: '停止通知', out: '已停止发送包裹通知', outNext: '您仍可随时在包裹页面查看进度。', again: '恢复通知', invalidNext: '请检查链接是否完整。',
    },
    answers: {
      choice: { title: '您希望怎么处理？', lead: '您的选择会马上告知店铺，由店铺联系承运商。', forward: '转寄到其他地址', address: '新地址（含收件人和电话）', keep: '留在网点，我自己去取', back: '退回商家', send: '提交' },
      chosen: { FORWARD: '您选择了转寄到其他地址，店铺正在处理。', KEEP: '您选择了到网点自取，店铺正在处理。', RETURN: '您选择了退回商家，店铺正在处理。' },
      feedback: { title: '这次配送怎么样？', lead: '请打分', scale: '1 = 很差，5 = 很好', words: '想说的话（选填）', send: '提交评价', thanks: '谢谢您的评价。' },
      refused: '没有提交成功', wrong: { choice: '请选择一项。', address: '请填写新地址，5 到 300 个字。', rating: '请选择 1 到 5 分。', words: '评价最多 500 个字。' }, erased: '您的个人数据已删除，无法保存填写的内容。请联系店铺客服。', back: '返回包裹页面',
    },
    proof: {
      title: '来源与经过', lead: '每一步旁边是其记录的指纹。记录一旦被改动，指纹就对不上。', steps: { PLACED: '已下单', PAID: '已付款', RELEASED: '由{warehouse}备货', PACKED: '已打包', SHIPPED: '已交给{carrier}' }, warehouse: '商家仓库', file: '下载完整记录（JSON）',
    },
    page: {
      title: '包裹进度', order: '订单', waybill: '运单号', items: '包裹内商品', journey: '物流详情', original: '显示承运商原文', shippedEntry: '商家已发货', today: '今天', yesterday: '昨天', since: '更新于', zone: '时间均为{zone}',
      stageNow: '当前', none: '承运商还没有更新，稍后再来看看。', notFound: '这个链接无效或已失效', notFoundNext: '请检查链接是否完整，或用手机号和订单号查询。', lookUp: '用订单号查询',
      expected: '预计 {day} 前送达', expectedToday: '预计今天送达', late: '比预计的晚了，我们正在跟进，无需您联系。',
    },
    track: {
      title: '查询包裹', lead: '输入下单时的手机号和订单号。', phone: '手机号', phoneHint: '海外号码请加国家区号，如 +1', number: '订单号', numberHint: '见店铺发给您的确认信息',
      button: '查询', neutral: '如果手机号和订单号匹配且包裹已发出，进度会显示在这里。没有找到匹配的包裹，请核对后再试。', busy: '查询太频繁了，请一分钟后再试。', several: '找到以下包裹',
    },
  },
  en: {
    tag: 'en',
    other: { language: 'zh', label: '中文' },
    status: {
      MILESTONE_UNSPECIFIED: { sentence: 'The shop is getting your parcel ready', next: '' },
      MILESTONE_LABEL_CREATED: { sentence: 'The shop is getting your parcel ready', next: 'Once it has left, its way shows up here.' },
      MILESTONE_PICKED_UP: { sentence: '{carrier} has your parcel', next: '' },
      MILESTONE_IN_TRANSIT: { sentence: 'Your parcel is on its way', next: '' },
      MILESTONE_CUSTOMS: { sentence: 'Your parcel is clearing customs', next: 'This can take some days; there is nothing you need to do.' },
      MILESTONE_OUT_FOR_DELIVERY: { sentence: 'Out for delivery', next: 'Please keep your phone at hand.' },
      MILESTONE_READY_FOR_PICKUP: { sentence: 'Ready for you to pick up', next: 'Bring the pick-up code that the carrier has sent you.' },
      MILESTONE_DELIVERY_FAILED: { sentence: 'The delivery did not work out', next: 'The courier will try again. If the address or phone is wrong, please contact the shop.' },
      MILESTONE_EXCEPTION: { sentence: 'There is a problem with the delivery', next: '{carrier} is looking into it. If you need help, please contact the shop.' },
      MILESTONE_RETURNING: { sentence: 'On its way back to the shop', next: 'Please contact the shop if you still want it.' },
      MILESTONE_RETURNED: { sentence: 'Returned to the shop', next: 'Please contact the shop if you still want it.' },
      MILESTONE_DELIVERED: { sentence: 'Delivered', next: 'Not there? Please contact the shop.' },
      MILESTONE_CANCELLED: { sentence: 'This shipment was cancelled', next: '' },
    },
    shipped: { sentence: 'Shipped, waiting for {carrier} to scan it', next: '' },
    again: { sentence: 'Your parcel is moving again', next: '' },
    scan: {
      MILESTONE_UNSPECIFIED: 'Update from the carrier',
      MILESTONE_LABEL_CREATED: 'Label made',
      MILESTONE_PICKED_UP: 'Picked up',
      MILESTONE_IN_TRANSIT: 'On its way',
      MILESTONE_CUSTOMS: 'Customs clearance',
      MILESTONE_OUT_FOR_DELIVERY: 'Out for delivery',
      MILESTONE_READY_FOR_PICKUP: 'Ready for pick-up',
      MILESTONE_DELIVERY_FAILED: 'Delivery attempted',
      MILESTONE_EXCEPTION: 'Problem reported',
      MILESTONE_RETURNING: 'On its way back',
      MILESTONE_RETURNED: 'Returned to the shop',
      MILESTONE_DELIVERED: 'Delivered',
      MILESTONE_CANCELLED: 'Cancelled',
    },
    pickup: {
      status: {
        MILESTONE_READY_FOR_PICKUP: { sentence: 'Ready for pickup', next: 'Show the pickup code {code} in the store: {place}' },
        MILESTONE_DELIVERED: { sentence: 'Picked up', next: 'That was not you? Please contact the shop.' },
      },
      shipped: { sentence: 'The store is getting your parcel ready', next: 'We will tell you when you can pick it up.' },
      scan: { MILESTONE_DELIVERED: 'Picked up' },
      stages: ['In preparation', 'In the store', 'Ready for pickup', 'Picked up'],
    },
    hub: { arrived: 'Arrived at a sorting centre', left: 'Left the sorting centre' },
    stages: ['Shipped', 'On its way', 'Out for delivery', 'Delivered'],
    phone: {
      title: 'Look up by phone', lead: 'We send a code to the phone; with it all its parcels are shown.', send: 'Send the code', sent: 'If parcels go to this phone, a code was sent to it. It is good for ten minutes.', code: 'Code', check: 'Show the parcels', wrong: 'This code is not right, or not good any more. Check it, or get another.', noPhone: 'That is no phone number.', again: 'Get another code',
    },
    consent: {
      title: 'Messages about your parcels', in: 'You get messages about your parcels', inNext: 'No more? Then we send none when a parcel is shipped, out for delivery or delivered. Pickup codes are still sent.', stop: 'Stop them', out: 'You get no more messages', outNext: 'The page of each parcel still shows how far it is.', again: 'Send them again', invalidNext: 'Check that it is complete.',
    },
    answers: {
      choice: { title: 'What shall become of it?', lead: 'The shop is told at once, and asks the carrier.', forward: 'Forward it to another address', address: 'New address, with name and phone', keep: 'Leave it at the station; I will fetch it', back: 'Send it back to the shop', send: 'Tell the shop' },
      chosen: { FORWARD: 'You asked for it to be forwarded. The shop is looking after it.', KEEP: 'You asked for it to be left at the station. The shop is looking after it.', RETURN: 'You asked for it to be sent back. The shop is looking after it.' },
      feedback: { title: 'How was the delivery?', lead: 'Your rating', scale: '1 = bad, 5 = very good', words: 'A word about it (optional)', send: 'Send', thanks: 'Thank you for telling us.' },
      refused: 'That was not sent', wrong: { choice: 'Please choose one.', address: 'Please give the new address, 5 to 300 characters.', rating: 'Please choose 1 to 5.', words: 'At most 500 characters, please.' }, erased: 'Your personal data was erased, so nothing you type can be kept. Please contact the shop.', back: 'Back to your parcel',
    },
    proof: {
      title: 'Where it comes from', lead: 'Beside each step stands the fingerprint of its record. If the record is changed later, it does not fit any more.', steps: { PLACED: 'Order placed', PAID: 'Paid', RELEASED: 'Being prepared in {warehouse}', PACKED: 'Packed', SHIPPED: 'Handed to {carrier}' }, warehouse: 'a warehouse of the shop', file: 'Download the full record (JSON)',
    },
    page: {
      title: 'Your parcel', order: 'Order', waybill: 'Waybill', items: 'In this parcel', journey: 'Journey', original: 'Show the carrier’s own words', shippedEntry: 'Shipped by the shop', today: 'Today', yesterday: 'Yesterday', since: 'Updated', zone: 'All times are {zone}',
      stageNow: 'now', none: 'Nothing from the carrier yet. Please look again later.', notFound: 'This link is not valid', notFoundNext: 'Check that it is complete, or look your parcel up by phone and order number.', lookUp: 'Look up an order',
      expected: 'Expected by {day}', expectedToday: 'Expected today', late: 'Later than we promised. We are following it up; you need not ask.',
    },
    track: {
      title: 'Find your parcel', lead: 'Enter the phone number that you ordered with, and the order number.', phone: 'Phone number', phoneHint: 'From abroad with the country code, such as +1', number: 'Order number', numberHint: 'It stands in the shop’s confirmation',
      button: 'Find it', neutral: 'If phone and order number belong together and the parcel has left, it would be shown here. Nothing was found; please check both and try again.', busy: 'Too many tries. Please wait a minute.', several: 'These are your parcels',
    },
  },
};

/** The language of a page: what was chosen, what the browser prefers, what the order was made in. */
export const languageFor = (chosen: string | undefined, accepted: string | undefined, fallback: Language): Language => {
  if (chosen === 'zh' || chosen === 'en') return chosen;
  const preferred = (accepted ?? '')
    .slice(0, 200)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = Number(parameters.find((one) => one.trim().startsWith('q='))?.trim().slice(2) ?? '1');
      return { language: tag.split('-')[0], quality: Number.isFinite(quality) ? quality : 0 };
    })
    .filter(({ language, quality }) => (language === 'zh' || language === 'en') && quality > 0)
    .toSorted((a, b) => b.quality - a.quality)[0];
  return (preferred?.language as Language | undefined) ?? fallback;
};
