import { planJourney, type JourneyPlan, type Scan } from './journey.js';

/** What SF keeps of an order for a parcel. */
export interface SfParcel {
  orderId: string;
  /** "" where SF will not carry it. */
  waybill: string;
  expressType: string;
  from: string;
  to: string;
  abroad: boolean;
  filterResult: 2 | 3;
  createdAt: string;
  cancelledAt: string | null;
  /** Business time, ms. */
  handedOverAt: number | null;
  journey: JourneyPlan | null;
}

interface Contact {
  contactType?: number;
  province?: string;
  city?: string;
  county?: string;
  address?: string;
  country?: string;
}

/** Refused in SF's own words, with its error code. */
export class SfRefusal extends Error {
  constructor(readonly code: string, message: string) {
    super(message);
  }
}

/** SF's books: one waybill per order id, numbers that are never given twice, also not by the next run of this process. */
export class SfParcels {
  readonly byOrder = new Map<string, SfParcel>();
  readonly #byWaybill = new Map<string, SfParcel>();
  #issued = BigInt(Date.now());

  constructor(private readonly now: () => number) {}

  create(request: { orderId?: string; contactInfoList?: Contact[]; expressTypeId?: number }): SfParcel {
    const { orderId = '' } = request;
    if (orderId === '') throw new SfRefusal('1010', '客户订单号不能为空');
    if (this.byOrder.has(orderId)) throw new SfRefusal('8016', '重复下单');
    const sender = request.contactInfoList?.find(({ contactType }) => contactType === 1);
    const receiver = request.contactInfoList?.find(({ contactType }) => contactType === 2);
    if (receiver?.address === undefined || receiver.address.trim() === '') throw new SfRefusal('1023', '到件方地址不能为空');
    const whole = [receiver.province, receiver.city, receiver.county, receiver.address].join('');
    const refused = whole.includes('不可达');
    const country = (receiver.country ?? 'CN').toUpperCase();
    const parcel: SfParcel = {
      orderId, waybill: refused ? '' : this.#number(), expressType: String(request.expressTypeId ?? 2), from: sender?.city ?? '深圳市',
      to: receiver.city ?? receiver.province ?? '', abroad: !['CN', 'CHINA', '中国', ''].includes(country), filterResult: refused ? 3 : 2, createdAt: new Date().toISOString(),
      cancelledAt: null, handedOverAt: null, journey: null,
    };
    this.byOrder.set(orderId, parcel);
    if (!refused) this.#byWaybill.set(parcel.waybill, parcel);
    return parcel;
  }

  find(orderId: string): SfParcel {
    const parcel = this.byOrder.get(orderId);
    if (parcel === undefined) throw new SfRefusal('8024', '未下单');
    return parcel;
  }

  byWaybill(waybill: string): SfParcel | undefined {
    return this.#byWaybill.get(waybill);
  }

  /** A parcel whose number was bought elsewhere, at Cainiao: it travels like any other once the courier has it. */
  adopt({ orderId, waybill, to }: { orderId: string; waybill: string; to: string }): void {
    if (this.#byWaybill.has(waybill)) return;
    const parcel: SfParcel = { orderId, waybill, expressType: '2', from: '深圳市', to, abroad: false, filterResult: 2, createdAt: new Date().toISOString(), cancelledAt: null, handedOverAt: null, journey: null };
    this.byOrder.set(orderId, parcel);
    this.#byWaybill.set(waybill, parcel);
  }

  /** Calls the order off; again and again if need be, but not once the courier has it. */
  cancel(orderId: string, waybill?: string): SfParcel {
    const parcel = this.find(orderId);
    if (waybill !== undefined && waybill !== parcel.waybill) throw new SfRefusal('8017', '订单号与运单号不匹配');
    if (parcel.handedOverAt !== null) throw new SfRefusal('8252', '已收件,不能取消');
    parcel.cancelledAt ??= new Date().toISOString();
    return parcel;
  }

  /** The parcel leaves the building and begins to travel; repeating it changes nothing. */
  handOver(waybill: string): SfParcel | undefined {
    const parcel = this.#byWaybill.get(waybill);
    if (parcel === undefined || parcel.cancelledAt !== null) return undefined;
    if (parcel.handedOverAt === null) {
      parcel.handedOverAt = this.now();
      parcel.journey = planJourney(parcel);
    }
    return parcel;
  }

  /** The scans that have happened by now, oldest first. */
  scans(parcel: SfParcel): readonly (Scan & { at: number })[] {
    const { handedOverAt, journey } = parcel;
    if (handedOverAt === null || journey === null) return [];
    const start = Math.floor(handedOverAt / 1_000) * 1_000;
    const now = this.now();
    return journey.scans.map((scan) => ({ ...scan, at: start + scan.afterMs })).filter(({ at }) => at <= now);
  }

  #number(): string {
    this.#issued += 1n;
    // Counting up, but not to the eye: an odd factor prime to ten maps every number to another one.
    return `SF7${((this.#issued * 387_420_489n) % 1_000_000_000_000n).toString().padStart(12, '0')}`;
  }
}
