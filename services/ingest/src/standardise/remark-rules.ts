import type { ingest } from '@flotilla/contracts';

const refused = [
  '(不要|不想要|别|不用|不发|不走|不寄|不收|不接受|不能发|不能用|勿|拒收|拒绝|除了|除|避开|讨厌)…{carrier}', '{carrier}…(不要|不到|不派送|不送|不行|送不到|拒收|不收)$', '{carrier}…(送不到|不派送|到不了)', '{carrier}…都(不要|不行)',
  '(no|not|don\'t|do not|dont|never|avoid|except|but|without|hate)…{carrier}',
];

// Who takes nothing else wants it, and who can do without it does not refuse it.
const onlyThis = ['(只收|只要|只能收|只发){carrier}', '(除了|除){carrier}…(别的|其他|其它|其余|都)…(不要|不收|不行|拒收)', '(非|不是){carrier}…(不要|不收|拒收|不签)'];
const withoutIsFine = ['{carrier}…(也行|也可以|无所谓)$'];

const rule = (tag: string, titleZh: string, title: string, any: readonly string[], unless: readonly string[] = []): ingest.RemarkRule => ({ tag, title, titleZh, any, unless });

/** What buyers write, before a merchant says otherwise: version 0. */
export const defaultRemarkRules: ingest.RemarkRuleSet = {
  carriers: [
    { carrier: 'sf', words: ['顺丰', 'SF', 'SF Express'] },
    { carrier: 'yto', words: ['圆通', 'YTO'] },
    { carrier: 'zto', words: ['中通', 'ZTO'] },
    { carrier: 'sto', words: ['申通', 'STO'] },
    { carrier: 'yunda', words: ['韵达', 'Yunda'] },
    { carrier: 'jt', words: ['极兔', 'J&T'] },
    { carrier: 'jd', words: ['京东快递', '京东物流', '京东'] },
    { carrier: 'ems', words: ['邮政EMS', '邮政', 'EMS', '中国邮政'] },
    { carrier: 'deppon', words: ['德邦'] },
    { carrier: 'ups', words: ['UPS'] },
    { carrier: 'fedex', words: ['FedEx', '联邦快递'] },
    { carrier: 'dhl', words: ['DHL'] },
    { carrier: 'usps', words: ['USPS'] },
    { carrier: 'dpd', words: ['DPD'] },
  ],
  rules: [
    rule('buyer:not:{carrier}', '不要此快递', 'does not want this carrier', refused, [...onlyThis, ...withoutIsFine]),
    rule('buyer:carrier:{carrier}', '指定快递', 'wants this carrier', onlyThis),
    rule('buyer:carrier:{carrier}', '指定快递', 'wants this carrier', [
      '(发|用|走|寄|选|选择|指定|要|换|改|只有|只能|只收)…{carrier}', '{carrier}(|快递|速运|物流)(发|寄|到付|发货|谢谢|就行|就好|可以|都可以|也行|优先|包邮|吧)', '^{carrier}(|快递)$', '{carrier}(或|或者|/|和|跟| or ){other}', '{other}(或|或者|/|和|跟| or ){carrier}',
      '(ship|send|deliver|use|via|by|with|through|prefer|choose|only)…{carrier}',
    ], refused),
    rule('buyer:gift-card', '附贺卡', 'wants a card with a text', [
      '(贺卡|祝福卡|生日卡|留言卡)', '卡片(上|写|内容|:|"|“)', '(写|附|放|加)…(卡片|卡)', '(代写|帮写|写|附)…(祝福语|贺词|祝福的话)', '(include|add|write|put|attach)…(card|gift note|note|gift message)', '(card|note) (saying|that says)', '(gift note|gift message|gift card|greeting card)',
    ], ['卡片机', '银行卡', '(不用|不要|不需要|无需|不必|别|勿|不放)…(卡片|贺卡|卡)', '(卡片|贺卡|卡)…(不用|不要|不需要|免了|算了)', '(no|without|don\'t|do not)…(card|note)']),
    rule('buyer:no-price', '不放价格单', 'no prices in the parcel', [
      '(不要|不放|别放|勿放|不附|不要放)…(小票|价格|价格单|价签|发货单|购物单)', '(小票|价格|价签|发货单)…(不要|别)放', '不要出现价格', '(no|without|not include|don\'t include|do not include)…(receipt|price|prices|invoice in the box)', '(don\'t|do not|please not)…include…(receipt|price|prices)', 'not include the receipt',
    ]),
    rule('buyer:workday', '工作日送', 'deliver on working days', [
      '工作日', '周一(到|至|-)周五', '上班时间', '(周末|双休日|周六日|周六周日)…(不收|不要送|不用送|别送|没人|没有人|公司没人|不在|勿送|休息|不方便)', '(on )(weekdays|working days|business days)', '(weekdays|weekday) only', '^(weekdays|weekday)', '(no|not|don\'t|do not)…(weekend|weekends|saturday|sunday)', '(no|not|don\'t|do not)…(at|on|over)…(weekend|weekends|saturday|sunday)',
    ], ['(工作日|weekdays|weekday)…(不收|不要送|不用送|别送|没人|没有人|不在|不方便)', '(not|no|don\'t|do not)…(weekday|weekdays)', '都(可以|行|能|有人|在)', '(too|as well|also)$']),
    rule('buyer:weekend', '周末送', 'deliver at the weekend', [
      '(周末|周六|周日|星期六|星期天|星期日|礼拜六|礼拜天|双休日|休息日|周六日)…(送|派|收|到|配送|在家|有人)', '只有(周末|周六|周日)', '(weekend|saturday|sunday)…(delivery|please|if)', '(deliver|delivery|send)…(weekend|saturday|sunday)',
    ], ['(周末|双休日|周六|周日|周六日)…(不收|不要送|不用送|别送|没人|没有人|勿送|不在|休息|不方便)', '(no|not|don\'t|do not)…(weekend|weekends|saturday|sunday)', '(no|not|don\'t|do not)…(at|on|over)…(weekend|weekends|saturday|sunday)', '工作日', '(too|as well|also)$']),
    rule('buyer:delivery-time', '指定时间', 'wants it at a certain time', [
      '(早上|上午|中午|下午|傍晚|晚上|夜里|下班后|下班以后)…(送|派|收|到|配送)', '#点…(送|派|收|到)', '#点(前|后|以前|以后|之后|之前)', '(#号|#日|年|节|周一|周二|周三|周四|周五|下周|月底|月初|假期)…(再发|后发|以后发|之后发|再送)', '(以后|之后|后)(再)(发|送)',
      '(deliver|delivery|ship|send)…(after|before|between)…(#|#am|#pm|#:)', '(deliver|delivery|send)…(morning|afternoon|evening|noon|night)', '(before|after|not before) (january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)',
    ], ['(打|致|来|去)电话$', '(call|phone) (me )(before|after)']),
    rule('buyer:urgent', '急件', 'in a hurry', ['加急', '急用', '很急', '着急', '^急', '赶时间', '(尽快|快点|马上|立刻|赶紧|今天)…(发|寄|送|出)', '尽快', '(asap|urgent|urgently|in a hurry|rush order)', 'as soon as possible'], ['不(急|着急|加急|赶|太急|是很急)', '不用(急|着急|加急|赶)', '(no|not|isn\'t|never)…(urgent|hurry|rush|asap|urgently)']),
    rule('buyer:packaging', '包装要求', 'asks for careful packing', [
      '(包装|打包|包)…(好|结实|仔细|严实|牢|厚|小心|紧)', '多(包|垫|裹|加)', '(加固|气泡膜|气泡|泡沫|防震|纸箱装|易碎|怕碎|怕压|怕漏)', '(纸箱|箱子)装', '(pack|wrap|package|packed)…(carefully|well|securely|extra)', '(extra|more)…(bubble wrap|padding|packing|packaging)', 'double box', 'fragile', 'bubble wrap',
    ], ['环保', '过度', '(包邮|包退|包括|包裹|包换)', '(不用|不需要|无需|不必)…(包|加固|气泡|泡沫|垫|裹)', '(no|don\'t|do not|without|not) need…(padding|packing|packaging|wrap|pack|bubble wrap)']),
    rule('buyer:eco', '环保包装', 'asks for little or no plastic', ['环保', '(不要|别)过度包装', '(不要|不用|少用|别用|减少)…(塑料|塑料袋)', '(eco|eco-friendly|eco friendly|recyclable|plastic free|plastic-free)', '(less|no|without) plastic', '(minimal|minimum|as little|less)…(packaging|packing)']),
    rule('buyer:discreet', '保密发货', 'nothing that shows what is in it', ['保密', '隐私', '私密', '(不要|别)写…(名字|商品名|品名|东西名)', '(discreet|discreetly|plain box|plain packaging|unmarked)'], ['(不用|不需要|无需|不必|不要)…(保密|隐私|私密)', '(no|not|don\'t|do not)…(discreet|unmarked)']),
    rule('buyer:invoice', '开发票', 'wants an invoice', ['(开|要|需要|索要|补|寄|附|给|带)…(发票|票据|专票|普票)', '开票', '发票(抬头|随货|寄|内容)', '(专票|增值税发票|增值税专用发票|电子发票|个人发票)', '抬头', '税号', '(invoice needed|vat invoice|tax invoice|need an invoice|need a invoice)', '(send|include|need|want|issue|provide)…invoice', 'vat id'], [
      '(不用|不需要|不要|无需|不开|免)…(发票|开票|票)', '发票…(不用|不要|不需要)', '(no|without|don\'t need|do not need)…invoice', 'invoice…(not|isn\'t)…(needed|required|necessary)',
    ]),
    rule('buyer:address-change', '要改收货信息', 'wants another address, phone or name', [
      '(地址|收货地址|收件地址)…(改|换|错|变更|更新)', '(改|换|更改|修改|变更)…(地址|收件人|收货人|电话|手机号|号码)', '(电话|手机|手机号|收件人|收货人|号码)…(改成|改为|换成|换为|变更|错了)', '(改寄|改送|改发|寄到另|送到另)', '(寄|送|发)到…(另一个|另外|别的|新)…(地址|地方)', '不是这个地址',
      '(change|update|correct)…(address|phone|name|recipient)', '(wrong|new|different|another|incorrect) (address|phone|phone number|number)', '(send|ship|deliver)…(instead|new address|different address|another address)',
    ], ['(不用|不要|不需要|别|勿|无需|不必)(改|换|变|变更|更改|修改)', '(地址|电话|手机|号码|收件人|收货人)(没|没有|不)(变|改|错|换)', '(don\'t|do not|no need to|never|not) (change|update|correct)']),
    rule('buyer:no-call', '不要打电话', 'does not want to be called', ['(不要|不用|别|勿|请勿|无需|不必|不需要)…(打电话|电话|致电|来电|call)', '勿致电', '(no|don\'t|do not|never|without|not)…(call|calls|phone|ring)'], ['(电话|手机)…(改|换|错)', '(phone number|new phone)']),
    rule('buyer:leave', '放在指定处', 'may be left somewhere', ['(放|搁|存|投|丢)…(门口|驿站|门卫|门卫室|快递柜|丰巢|前台|物业|保安|楼下|代收|自提柜|小店|传达室)', '(leave|put|drop)…(door|neighbour|neighbours|neighbor|neighbors|desk|porch|reception|locker|concierge|lobby|garage|mailbox)', '(leave|put|drop)…(at|in|with|by)…(door|neighbour|neighbours|neighbor|neighbors|desk|porch|reception|locker|concierge|lobby|garage|mailbox)'], ['(不要|别|勿|不能|不可以|不许|不得|不要给我|别给我|不要随便|别随便)(放|搁|存|投|丢)', '(don\'t|do not|never|not to|not) (leave|put|drop)']),
    rule('buyer:call-first', '送前联系', 'wants a call before', ['(送|派送|配送|送货|到了|来之前|到达|上门|发货|送达)…(打|先打|给我打|请打|请|致)…电话', '(提前|事先|先)…(电话|联系)', '(来之前|送之前|送前|派送前)…(电话|联系)', '(call|phone|ring)…(before|when|first|ahead|prior)'], ['(不要|不用|别|勿|无需|不必|请勿)…(电话|致电|call)', '(no|don\'t|do not|never|not)…(call|phone)']),
  ],
};
