/** A waybill as Cainiao keeps it: the seller's package, and the carrier's number for it. */
export interface CainiaoWaybill {
  readonly packageId: string;
  readonly orders: readonly string[];
  readonly cpCode: string;
  readonly waybill: string;
  readonly oaid: string;
  readonly to: string;
  cancelledAt: string | null;
  collected: boolean;
}

/** Refused in the service's own words, with TOP's `sub_code`. */
export class CainiaoRefusal extends Error {
  constructor(readonly subCode: string, message: string) {
    super(message);
  }
}

export interface Package {
  readonly cpCode: string;
  readonly packageId: string;
  readonly orders: readonly string[];
  readonly oaid: string;
  readonly name: string;
  readonly address: string;
  readonly city?: string;
}

const forms: Readonly<Record<string, (serial: string) => string>> = { ZTO: (serial) => `75${serial}`, YTO: (serial) => `YT9${serial}`, SF: (serial) => `SF2${serial}`, STO: (serial) => `775${serial}`, YUNDA: (serial) => `3${serial.padStart(14, '6')}`, EMS: (serial) => `9${serial}`, POSTB: (serial) => `8${serial}` };

/** Cainiao's books: the same trade orders and package get the same number; numbers are never given twice, also not by the next run of this process. */
export class CainiaoWaybills {
  readonly all = new Map<string, CainiaoWaybill>();
  #issued = BigInt(Date.now());

  get({ cpCode, packageId, orders, oaid, name, address, city = '' }: Package): CainiaoWaybill {
    if (!Object.hasOwn(forms, cpCode)) throw new CainiaoRefusal('isv.cp-not-subscribed', `商家未开通 ${cpCode} 电子面单服务`);
    if (!/^\w{1,64}$/.test(packageId)) throw new CainiaoRefusal('isv.package-id-invalid', '包裹ID只能是数字、字母和下划线');
    if (orders.length === 0 || orders.length > 100) throw new CainiaoRefusal('isv.trade-order-list-invalid', '交易订单列表数量须为1到100');
    if (name.trim() === '' || address.trim() === '') throw new CainiaoRefusal('isv.recipient-invalid', '收件人信息不能为空');
    // A person in clear has no business here: Taobao's orders are masked, and the token stands for who it is.
    if (oaid === '') throw new CainiaoRefusal('isv.oaid-missing', 'oaid不能为空');
    const key = `${packageId}/${[...orders].sort().join(',')}`;
    const found = this.all.get(key);
    if (found !== undefined) {
      if (found.cancelledAt !== null) throw new CainiaoRefusal('isv.waybill-cancelled', '该包裹的面单已取消');
      return found;
    }
    if (address.includes('不可达')) throw new CainiaoRefusal('isv.address-not-reachable', '收件地址不可达');
    const made: CainiaoWaybill = { packageId, orders, cpCode, waybill: this.#number(cpCode), oaid, to: city, cancelledAt: null, collected: false };
    this.all.set(key, made);
    return made;
  }

  cancel(cpCode: string, waybill: string): void {
    const found = this.of(waybill);
    if (found?.cpCode !== cpCode) throw new CainiaoRefusal('isv.waybill-not-exist', '面单号不存在');
    if (found.cancelledAt !== null) throw new CainiaoRefusal('isv.waybill-cancelled', '面单已取消');
    if (found.collected) throw new CainiaoRefusal('isv.waybill-collected', '面单已揽收，不能取消');
    found.cancelledAt = new Date().toISOString();
  }

  /** The courier takes it; undefined: there is no such waybill, or it was cancelled. */
  collect(waybill: string): CainiaoWaybill | undefined {
    const found = this.of(waybill);
    if (found === undefined || found.cancelledAt !== null) return undefined;
    found.collected = true;
    return found;
  }

  of(waybill: string): CainiaoWaybill | undefined {
    return [...this.all.values()].find((one) => one.waybill === waybill);
  }

  #number(cpCode: string): string {
    this.#issued += 1n;
    // Counting up, but not to the eye: an odd factor prime to ten maps every number to another one.
    return forms[cpCode]!(((this.#issued * 387_420_489n) % 1_000_000_000_000n).toString().padStart(12, '0'));
  }
}
