import { createRandom, type Random } from '../random.js';

export const TARGETS = ['sf', 'shopify', 'smtp', 'webhooks', 'topic', 'wms', 'suppliers', 'kdniao', 'cainiao', 'dingtalk', 'wecom', 'feishu', 'sms', 'receiver', 'tickets', 'hooks', 'kuaidi100', 'track17', 'woocommerce', 'taobao'] as const;
export const KINDS = [
  'timeout-after-effect', 'timeout-before-effect', 'error-500', 'reset', 'slow', 'rate-limit', 'duplicate', 'reorder', 'drop', 'error-500-after-effect', 'refuse', 'late-effect', 'garbage',
] as const;
export type Target = (typeof TARGETS)[number];
export type Kind = (typeof KINDS)[number];

/** What is asked for. With `count` it strikes the next so many times, with `probability` by chance until cleared. */
export interface FaultOrder {
  target: Target;
  kind: Kind;
  /** Only where the operation's name contains this: `EXP_RECE_CREATE_ORDER`, `fulfillments.create`, `orders/paid`. */
  operation?: string | undefined;
  orderId?: string | undefined;
  ms?: number | undefined;
  count?: number | undefined;
  probability?: number | undefined;
}

export interface Fault extends FaultOrder {
  id: number;
  hits: number;
}

/** Calls that come in can suffer these; what goes out can be doubled, turned around or lost. */
export const ANSWERING: readonly Kind[] = ['timeout-after-effect', 'timeout-before-effect', 'error-500', 'error-500-after-effect', 'reset', 'slow', 'rate-limit', 'late-effect', 'garbage'];
export const SENDING: readonly Kind[] = ['duplicate', 'reorder', 'drop', 'slow', 'timeout-after-effect', 'reset'];
/** SF both answers calls and pushes scans: only these are about its pushes. */
export const PUSHING: readonly Kind[] = ['duplicate', 'reorder', 'drop'];

/** The faults in force. The first that fits strikes, in the order in which they were asked for. */
export class Faults {
  #faults: Fault[] = [];
  #last = 0;
  readonly #random: Random;

  constructor(seed: string | number = 1) {
    this.#random = createRandom(`faults/${seed}`);
  }

  add(order: FaultOrder): Fault {
    const fault: Fault = { ...order, id: (this.#last += 1), hits: 0 };
    this.#faults.push(fault);
    return fault;
  }

  strike(target: Target, operation: string, kinds: readonly Kind[], orderId = ''): Fault | undefined {
    for (const fault of this.#faults) {
      if (fault.target !== target || !kinds.includes(fault.kind)) continue;
      if (fault.operation !== undefined && !operation.includes(fault.operation)) continue;
      if (fault.orderId !== undefined && fault.orderId !== orderId) continue;
      const limit = fault.count ?? (fault.probability === undefined ? 1 : Infinity);
      if (fault.hits >= limit) continue;
      if (fault.probability !== undefined && !this.#random.chance(fault.probability)) continue;
      fault.hits += 1;
      return fault;
    }
    return undefined;
  }

  list(): readonly Fault[] {
    return this.#faults;
  }

  clear(): void {
    this.#faults = [];
  }
}
