import { allocation, topics } from '@flotilla/contracts';
import { defineService, publishAs } from '@flotilla/service-kit';
import { pickupCode } from '@flotilla/values';
import { manifestsGrpc } from './accept/manifests.grpc.js';
import { orderEvents } from './accept/order-events.consumer.js';
import { parcelsGrpc } from './accept/parcels.grpc.js';
import { poolsGrpc } from './accept/pools.grpc.js';
import { printingGrpc } from './accept/printing.grpc.js';
import { supplierEvents } from './accept/supplier-events.consumer.js';
import { rateCardsGrpc } from './accept/rate-cards.grpc.js';
import { suspensionsGrpc } from './accept/suspensions.grpc.js';
import { parcelJobs } from './coordinate/parcel-jobs.js';
import type { ParcelPlan } from './decide/parcel.events.js';
import { rateCard, rateCardIdOf } from './decide/rate-card.decider.js';
import type { CarrierManifest, CarrierPort, Connecting } from './perform/carriers/carrier.js';
import { carriers } from './perform/carriers/registry.js';
import { platformWaybills } from './perform/gateways/platforms.js';
import { labelsOf } from './perform/labels/labels.js';
import { recipientOf, senderOf, warehousesOf } from './perform/parties.js';
import { buy, type ConnectedCarrier, type Purchasing } from './perform/purchase.performer.js';
import { sizesOf } from './perform/sizes.js';
import { voidWaybill } from './perform/void.performer.js';
import { ParcelFinding, ParcelList, ParcelShippedWhen, parcelList } from './project/parcel-list.projection.js';
import { PrintTables, printJobList } from './project/print-job-list.projection.js';
import { tallyParcels } from './query/parcels.query.js';
import { config } from './settings.js';

/** One parcel, one waybill, ever. */
export const carrier = defineService({
  name: 'carrier',
  config,
  migrations: [ParcelList, ParcelShippedWhen, PrintTables, ParcelFinding],
  build: (ctx) => {
    const { store, clock, log, pool } = ctx;
    const timeoutMs = ctx.config.FLOTILLA_CARRIER_TIMEOUT_MS;
    const manifests = carriers.map(({ manifest }) => manifest);
    const cards = manifests.flatMap(({ name, services }) => services.map((service) => ({ carrier: name, service })));
    // Rate cards of all carriers begin and end with the day of the first one's zone: there is one merchant, at one place.
    const days = new Intl.DateTimeFormat('sv-SE', { timeZone: manifests[0]?.timeZone ?? 'UTC', dateStyle: 'short' });
    const today = (): string => days.format(clock.business());
    const warehouses = warehousesOf(() => ctx.client(allocation.Warehouses, 'allocation').list({}), () => clock.machine().getTime());
    const sizes = sizesOf((skus) => ctx.client(allocation.Catalogue, 'allocation').sizes({ skus }), () => clock.machine().getTime());
    // Rates are never taken away: once a card counts volume, nobody has to look at them all again.
    let byVolume = false;
    const countsVolume = async (): Promise<boolean> => (byVolume ||= [...(await store.folded(rateCard, cards.map((card) => rateCardIdOf(card.carrier, card.service)))).values()].some(({ state }) => Object.values(state).some(({ volumeDivisor }) => volumeDivisor !== undefined)));
    const parties = async (plan: ParcelPlan): ReturnType<Purchasing['parties']> => {
      const [sender, recipient] = await Promise.all([warehouses.get(plan.warehouse).then(senderOf), recipientOf(plan, (texts) => ctx.open(texts))]);
      return recipient && { sender, recipient };
    };
    const key = ctx.config.FLOTILLA_INDEX_KEY ? Buffer.from(ctx.config.FLOTILLA_INDEX_KEY, 'base64') : undefined;
    const codeOf = (parcelId: string): string => {
      if (!key) throw new Error('FLOTILLA_INDEX_KEY is not set; pickup codes are made of it');
      return pickupCode(key, parcelId);
    };
    const connecting = (target: string, { ratePerSecond, concurrency }: Pick<CarrierManifest, 'ratePerSecond' | 'concurrency'>): Connecting => {
      const outside = ctx.outside(target, { timeoutMs, ratePerSecond: ctx.config.FLOTILLA_CARRIER_RATE ?? ratePerSecond, concurrency });
      return { config: ctx.config, fetch: (url, init) => outside.fetch(url, init), now: () => clock.machine() };
    };
    const platforms = platformWaybills.flatMap(({ platform, gateway, limits, connect }) => {
      const portOfCode = connect(connecting(gateway, limits));
      return portOfCode ? [{ platform, portOfCode }] : [];
    });
    const connected = new Map(
      carriers.map(({ manifest, gateway, connect }): [string, ConnectedCarrier] => {
        const masked = platforms.flatMap(({ platform, portOfCode }): [string, CarrierPort][] => {
          const code = manifest.platformCodes[platform];
          return code === undefined ? [] : [[platform, portOfCode(code)]];
        });
        return [manifest.name, { manifest, port: connect(connecting(gateway ?? manifest.name, manifest)), masked: new Map(masked) }];
      }),
    );
    log.info({ carriers: [...connected].filter(([, { port }]) => port).map(([name]) => name), platforms: platforms.map(({ platform }) => platform) }, 'carriers and platforms with an account; nobody else is asked');
    const usable = cards.map((card) => ({ ...card, open: connected.get(card.carrier)?.port !== undefined, platforms: [...(connected.get(card.carrier)?.masked.keys() ?? [])] }));
    const poolable = new Map([...connected].map(([name, { manifest, port }]) => [name, { manifest, open: port !== undefined }]));
    const purchasing: Purchasing = { store, carriers: connected, parties, clock, timeoutMs, graceMs: Math.ceil(timeoutMs / 2), log };
    const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]));
    const cardOf = async ({ giftMessage }: ParcelPlan): Promise<string> => (giftMessage === undefined ? '' : ((await ctx.open([giftMessage]))[0] ?? ''));
    const labels = labelsOf({ store, manifests: byName, parties, cardOf, pickupCode: codeOf, today, log });
    return {
      consumers: [{ name: 'carrier', topics: [topics.order], ...orderEvents({ cards: usable, warehouses, sizes, countsVolume, today, now: () => clock.business().toISOString() }) }, supplierEvents(byName)],
      grpc: [parcelsGrpc(ctx, { manifests: byName, warehouses, labels, today }), manifestsGrpc(ctx, manifests), poolsGrpc(ctx, poolable, warehouses), rateCardsGrpc(ctx, cards, today), suspensionsGrpc(ctx, manifests.map(({ name }) => name)), printingGrpc(ctx, labels)],
      jobs: parcelJobs,
      performers: {
        // First attempt and resolution are one: the parcel's stream knows whether the carrier may have been called.
        waybill: { concurrency: 32, perform: (job, meta) => buy(purchasing, job, meta), resolve: (job, meta) => buy(purchasing, job, meta) },
        ask: { concurrency: 8, perform: (job, meta) => buy(purchasing, job, meta), resolve: (job, meta) => buy(purchasing, job, meta) },
        void: { concurrency: 8, perform: (job, meta) => voidWaybill(purchasing, job, meta), resolve: (job, meta) => voidWaybill(purchasing, job, meta) },
      },
      followers: [parcelList, printJobList],
      publish: publishAs('flotilla.carrier.v1', (data) => data['foId'] as string),
      tally: () => tallyParcels(pool),
    };
  },
});
