/** What the gateway keeps of an order for a waybill. */
export interface KdniaoOrder {
  readonly orderCode: string;
  readonly shipper: string;
  readonly waybill: string;
  readonly customer: string;
  readonly to: string;
  cancelledAt: string | null;
  /** The courier has it: it is not called off any more. */
  collected: boolean;
}

/** Refused in the gateway's own words, with its code. */
export class KdniaoRefusal extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

interface Person {
  readonly [name: string]: unknown;
}

export interface Asked {
  readonly OrderCode?: unknown;
  readonly ShipperCode?: unknown;
  readonly CustomerName?: unknown;
  readonly CustomerPwd?: unknown;
  readonly ExpNo?: unknown;
  readonly Sender?: Person;
  readonly Receiver?: Person;
  readonly Commodity?: unknown;
}

// The carriers whose waybills are sold here, with a number's form around twelve digits of its own.
const forms: Readonly<Record<string, (serial: string) => string>> = {
  ZTO: (serial) => `7${serial.padStart(13, '3')}`, YTO: (serial) => `YT${serial.padStart(13, '8')}`, STO: (serial) => `77${serial.padStart(13, '3')}`, YD: (serial) => `4${serial.padStart(14, '6')}`, JTSD: (serial) => `JT${serial.padStart(13, '0')}`,
  JD: (serial) => `JDX${serial}`, EMS: (serial) => `9${serial}`, YZPY: (serial) => `8${serial}`, DBL: (serial) => `DPK${serial}`, HTKY: (serial) => `6${serial.padStart(13, '0')}`,
};
const forbidden = /['"#&+<>%\\]/;
const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');

/** The gateway's books: an order code is taken once; numbers are never given twice, also not by the next run of this process. */
export class KdniaoOrders {
  readonly byCode = new Map<string, KdniaoOrder>();
  #issued = BigInt(Date.now());

  constructor(private readonly passwords: Readonly<Record<string, string>>) {}

  /** `again`: the code was used before, and this is what was bought under it. */
  order(asked: Asked): { order: KdniaoOrder; again: boolean } {
    const { orderCode, shipper } = this.#known(asked);
    const found = this.byCode.get(orderCode);
    if (found?.cancelledAt) throw new KdniaoRefusal('105', '该订单号已取消');
    if (found !== undefined) return { order: found, again: true };
    for (const [role, person] of [['发件人', asked.Sender], ['收件人', asked.Receiver]] as const) {
      if (person === undefined) throw new KdniaoRefusal('101', `${role}信息不能为空`);
      for (const field of ['Name', 'ProvinceName', 'CityName', 'Address']) if (text(person[field]).trim() === '') throw new KdniaoRefusal('101', `${role} ${field} 不能为空`);
      if (text(person['Mobile']) === '' && text(person['Tel']) === '') throw new KdniaoRefusal('101', `${role}手机号、电话必填其一`);
      if (Object.values(person).some((value) => forbidden.test(text(value)))) throw new KdniaoRefusal('103', `${role}信息含有特殊字符`);
    }
    if (!Array.isArray(asked.Commodity) || asked.Commodity.length === 0) throw new KdniaoRefusal('101', 'Commodity 不能为空');
    const receiver = asked.Receiver as Person;
    const to = ['ProvinceName', 'CityName', 'ExpAreaName', 'Address'].map((field) => text(receiver[field])).join('');
    if (to.includes('不可达')) throw new KdniaoRefusal('105', '收件地址不可达，超出派送范围');
    const order: KdniaoOrder = { orderCode, shipper, waybill: this.#number(shipper), customer: text(asked.CustomerName), to, cancelledAt: null, collected: false };
    this.byCode.set(orderCode, order);
    return { order, again: false };
  }

  /** Calls the order off. Without a number whatever stands under the code; not once the courier has it. */
  cancel(asked: Asked): KdniaoOrder {
    const { orderCode } = this.#known(asked);
    const order = this.byCode.get(orderCode);
    if (order === undefined) throw new KdniaoRefusal('105', '订单不存在');
    if (order.cancelledAt !== null) throw new KdniaoRefusal('105', '该订单已取消');
    const number = text(asked.ExpNo);
    if (number !== '' && number !== order.waybill) throw new KdniaoRefusal('102', '订单号与运单号不匹配');
    if (order.collected) throw new KdniaoRefusal('105', '快件已揽收，不允许取消');
    order.cancelledAt = new Date().toISOString();
    return order;
  }

  /** The courier takes it. */
  collect(waybill: string): KdniaoOrder | undefined {
    const order = [...this.byCode.values()].find((one) => one.waybill === waybill && one.cancelledAt === null);
    if (order !== undefined) order.collected = true;
    return order;
  }

  #known(asked: Asked): { orderCode: string; shipper: string } {
    const [orderCode, shipper] = [text(asked.OrderCode), text(asked.ShipperCode)];
    if (orderCode === '') throw new KdniaoRefusal('101', 'OrderCode 不能为空');
    if (orderCode.length > 30) throw new KdniaoRefusal('103', 'OrderCode 长度不能超过30');
    if (!Object.hasOwn(forms, shipper)) throw new KdniaoRefusal('102', `不支持的快递公司编码 ${shipper}`);
    const customer = text(asked.CustomerName);
    if (this.passwords[customer] === undefined || this.passwords[customer] !== text(asked.CustomerPwd)) throw new KdniaoRefusal('105', '电子面单账号或密码错误');
    return { orderCode, shipper };
  }

  #number(shipper: string): string {
    this.#issued += 1n;
    // Counting up, but not to the eye: an odd factor prime to ten maps every number to another one.
    const serial = ((this.#issued * 387_420_489n) % 1_000_000_000_000n).toString().padStart(12, '0');
    return forms[shipper]!(serial);
  }
}
