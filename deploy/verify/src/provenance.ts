import { Stop, type ServiceName } from '@flotilla/tasks';
import { check, type Invariant } from './invariant.ts';
import { hashOf } from './invariants/chains.ts';
import type { LogEvent, Sources } from './sources.ts';

interface Witness {
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly hash: string;
}

interface Step {
  readonly step: string;
  readonly at: string;
  readonly detail: string;
  readonly event: Witness | null;
}

/** What tracking serves as `/t/{token}/provenance.json`. */
export interface Provenance {
  readonly parcelId: string;
  readonly orders: readonly string[];
  readonly carrier: string;
  readonly waybill: string;
  readonly steps: readonly Step[];
}

type Data = Readonly<Record<string, unknown>>;

interface Said {
  readonly service: ServiceName;
  readonly types: readonly string[];
  readonly at: (data: Data, event: LogEvent) => unknown;
  readonly detail: (data: Data) => unknown;
}

const recorded = (_: Data, { recordedAt }: LogEvent): string => new Date(Number(recordedAt) / 1_000).toISOString();
const none = (): string => '';

// Who says a step, by which event, and where in it stands when and what. A release carries no time of its own.
const steps: Readonly<Record<string, Said>> = {
  PLACED: { service: 'order-core', types: ['OrderPlaced'], at: ({ placedAt }) => placedAt, detail: none },
  PAID: { service: 'order-core', types: ['OrderPlaced', 'OrderPaid'], at: ({ paidAt }) => paidAt, detail: none },
  RELEASED: { service: 'order-core', types: ['FulfilmentReleased'], at: recorded, detail: ({ warehouse }) => warehouse },
  PACKED: { service: 'allocation', types: ['ParcelPacked'], at: ({ packedAt }) => packedAt, detail: ({ warehouse }) => warehouse },
  SHIPPED: { service: 'carrier', types: ['ParcelShipped', 'ParcelShippedExternally'], at: ({ shippedAt }) => shippedAt, detail: ({ carrier }) => String(carrier).trim().toLowerCase() },
};
const milestone: Said = { service: 'tracking', types: ['MilestoneReached'], at: ({ occurredAt }) => occurredAt, detail: ({ place }) => place };

const saidOf = (step: string): Said | undefined => (Object.hasOwn(steps, step) ? steps[step] : /^MILESTONE_[A-Z_]+$/.test(step) ? milestone : undefined);

const most = { bytes: 1_000_000, steps: 1_000 };

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 1_000;
const isWitness = (value: unknown): value is Witness => {
  const { stream, version, id, hash } = (value ?? {}) as Partial<Witness>;
  return isText(stream) && Number.isSafeInteger(version) && isText(id) && isText(hash);
};
const isStep = (value: unknown): value is Step => {
  const { step, at, detail, event } = (value ?? {}) as Partial<Step>;
  return isText(step) && isText(at) && isText(detail) && (event === null || isWitness(event));
};

/** Throws `Stop` if the text is no provenance. */
export const readProvenance = (text: string): Provenance => {
  const refuse = (why: string): never => {
    throw new Stop(`That is no provenance: ${why}. It is what stands behind a parcel's page, /t/…/provenance.json.`);
  };
  if (text.length > most.bytes) refuse(`above ${most.bytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse('not JSON');
  }
  const { format, parcelId, orders, carrier, waybill, steps: all } = (value ?? {}) as Record<string, unknown>;
  if (format !== 'flotilla.provenance.v1') refuse('its format is not flotilla.provenance.v1');
  if (![parcelId, carrier, waybill].every(isText) || !Array.isArray(orders) || !orders.every(isText)) refuse('parcelId, orders, carrier or waybill is missing');
  if (!Array.isArray(all) || all.length > most.steps || !all.every(isStep)) refuse(`its steps are not up to ${most.steps} of step, at, detail and event (stream, version, id, hash)`);
  return value as Provenance;
};

/** Whether each step of a provenance is what the log of its service says, of this parcel and its orders, and its event still what was appended. */
export const verifyProvenance = async (sources: Pick<Sources, 'stream'>, { parcelId, orders, carrier, waybill, steps: all }: Provenance): Promise<Invariant> => {
  const proven = check('the provenance is what the logs say');
  // The orders that the parcel's own events name; an order's step proves nothing of a parcel that does not carry it.
  const carriedIn = new Set<string>();
  const ofOrders: { readonly name: string; readonly orderId: unknown }[] = [];
  // All milestones of a parcel stand in one stream.
  const read = new Map<string, Promise<readonly LogEvent[]>>();
  const streamOf = (service: ServiceName, stream: string): Promise<readonly LogEvent[]> => {
    const found = read.get(`${service} ${stream}`) ?? sources.stream(service, stream);
    read.set(`${service} ${stream}`, found);
    return found;
  };
  for (const [n, { step, at, detail, event: named }] of all.entries()) {
    const name = `step ${n + 1} (${step})`;
    const said = saidOf(step);
    if (!said || !named) {
      proven.that(false, () => `${name}: ${said ? 'names no event, so nothing proves it' : 'there is no such step'}`);
      continue;
    }
    const where = `${said.service} ${named.stream} v${named.version}`;
    const stream = await streamOf(said.service, named.stream);
    const event = stream.find(({ version }) => version === named.version);
    if (!event) {
      proven.that(false, () => `${name}: the log has no ${where}`);
      continue;
    }
    const before = stream.find(({ version }) => version === named.version - 1)?.hash ?? '';
    const data = JSON.parse(event.data) as Data;
    const expect = (what: string, told: unknown, logged: unknown): void => proven.that(told === logged, () => `${name}: ${what} is ${String(told)}, in ${where} ${String(logged)}`);
    proven.that(hashOf(before, event) === event.hash, () => `${name}: content or hash of ${where} was changed`);
    expect('the hash', named.hash, event.hash);
    expect('the event id', named.id, event.id);
    proven.that(said.types.includes(event.type), () => `${name}: ${where} is a ${event.type}`);
    if (!said.types.includes(event.type)) continue;
    expect('the time', at, said.at(data, event));
    expect('the detail', detail, said.detail(data));
    if (said === milestone) expect('the milestone', step, data['milestone']);
    if (step === 'PLACED' || step === 'PAID') {
      ofOrders.push({ name, orderId: data['orderId'] });
      continue;
    }
    expect('the parcel', parcelId, data['parcelId']);
    if (data['parcelId'] === parcelId && Array.isArray(data['orders'])) for (const { orderId } of data['orders'] as { orderId: string }[]) carriedIn.add(orderId);
    if (step !== 'SHIPPED') continue;
    expect('the carrier', carrier, said.detail(data));
    expect('the waybill', waybill, String(data['waybill']).normalize('NFKC').replace(/\s+/g, '').toUpperCase());
  }
  for (const orderId of orders) proven.that(carriedIn.has(orderId), () => `order ${orderId}: no event of parcel ${parcelId} that is named here carries it`);
  for (const { name, orderId } of ofOrders) proven.that(orders.includes(String(orderId)), () => `${name}: its event is of order ${String(orderId)}, which is not among the orders`);
  return proven.done();
};
