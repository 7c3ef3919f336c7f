import type { Meta } from '@flotilla/event-store';
import { blindIndex } from '@flotilla/values';
import { defineService, publishAs } from '@flotilla/service-kit';
import { z } from 'zod';
import { channelOrdersConsumer } from './accept/channel-orders.consumer.js';
import { channelOrdersGrpc, writeBacksGrpc } from './accept/channel-orders.grpc.js';
import { channelStockGrpc } from './accept/channel-stock.grpc.js';
import { channelsGrpc } from './accept/channels.grpc.js';
import { connectFromFile } from './accept/channels-file.js';
import { ConnectedChannels } from './accept/connected-channels.js';
import { Deliveries } from './accept/deliveries.js';
import { documentsController } from './accept/documents.controller.js';
import { fileSecretsSetting, watchFiles } from './accept/imports/file-sources.js';
import { importsController } from './accept/imports/imports.controller.js';
import { importsGrpc } from './accept/imports/imports.grpc.js';
import { mappingsGrpc } from './accept/mappings.grpc.js';
import { beginMissedPulls, beginOrderPull, orderPullTimers } from './accept/order-pull.timers.js';
import { orderEventsConsumer } from './accept/order-events.consumer.js';
import { parcelEventsConsumer } from './accept/parcel-events.consumer.js';
import { quarantineGrpc } from './accept/quarantine.grpc.js';
import { replayEntry } from './accept/quarantine-replay.js';
import { addressesController } from './accept/addresses.controller.js';
import { remarkReader } from './accept/remark-rules.js';
import { remarksGrpc } from './accept/remarks.grpc.js';
import { beginRenewal, isGiven, sessionTimers } from './accept/session.timers.js';
import { lookAtShipBy, shipByTimers } from './accept/ship-by.timers.js';
import { skuMapGrpc } from './accept/sku-map.grpc.js';
import { stockEventsConsumer } from './accept/stock-events.consumer.js';
import { subjectKeysGrpc } from './accept/subject-keys.grpc.js';
import { webhooksController } from './accept/webhooks.controller.js';
import { platforms } from './channels/registry.js';
import { refusals } from './coordinate/refusals.js';
import type { Ingest } from './ingest.parts.js';
import { loadConnectorKey } from './keys/connector-key.js';
import { secretsOf } from './keys/secrets.js';
import { SubjectKeyRing } from './keys/subject-keys.js';
import { KeyTables, PieceTable } from './keys/tables.js';
import { bulkReplayJobs, bulkReplayPerformer } from './perform/bulk-replay.performer.js';
import { listingPullJobs, listingPullPerformer } from './perform/listing-pull.performer.js';
import { orderImportJobs, orderImportPerformer } from './perform/order-import.performer.js';
import { sessionRenewalJobs, sessionRenewalPerformer } from './perform/session-renewal.performer.js';
import { skuReleaseJobs, skuReleasePerformer } from './perform/sku-release.performer.js';
import { pullFigures } from './perform/order-pull.figures.js';
import { cancellationJobs } from './perform/cancellation.performer.js';
import { orderPullJobs, orderPullPerformer } from './perform/order-pull.performer.js';
import { pushStock } from './perform/stock-push.js';
import { writeBackJobs, writeBackPerformer } from './perform/write-back.performer.js';
import { ChannelTable } from './project/channel-list.js';
import { ChannelOrderTable, ChannelOrderWays } from './project/channel-order-list.js';
import { FileSourceTable } from './project/file-source-list.js';
import { lists } from './project/lists.js';
import { OrderImportTables } from './project/order-import-list.js';
import { QuarantineTable } from './project/quarantine-list.js';
import { SkuMapTables, SkuWaitQuantity } from './project/sku-map-list.js';
import { MappedStock, StockTables } from './project/stock-list.js';
import { CancellationTable, WriteBackQueue, WriteBackTable } from './project/write-back-list.js';
import { tally } from './query/tally.query.js';

const key32 = z.string().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64');

/** Every platform order becomes exactly one order; every shipment reaches its platform. */
export const ingest = defineService({
  name: 'ingest',
  config: {
    FLOTILLA_KEK: key32.describe('key-encryption key: wraps the buyers’ data keys, the channels’ secrets and the connectors’ private key'),
    FLOTILLA_CHANNELS_FILE: z.string().optional().describe('channels to connect at start: JSON [{id, platform, secret, appKey}]'),
    FLOTILLA_FILES_DIR: z.string().min(1).optional().describe('folder, or a volume that replicas share, below which the watched folders of channels lie; without it only SFTP servers are watched'),
    FLOTILLA_FILES_SETTLE_SECONDS: z.coerce.number().min(0).max(3_600).default(10).describe('how long a file that was found must stay as it is before it is taken'),
    FLOTILLA_FILE_SECRETS: fileSecretsSetting,
    FLOTILLA_STOCK_PUSH_MS: z.coerce.number().min(0).max(60_000).default(500).describe('between two calls that tell a channel its stock; what changes meanwhile is told once'),
    FLOTILLA_STOCK_PULL_HOURS: z.coerce.number().min(0).max(720).default(6).describe('how often what a channel lists is fetched and compared with what it should show; 0 = only when asked for'),
  },
  migrations: [KeyTables, ChannelOrderTable, QuarantineTable, WriteBackTable, ChannelTable, StockTables, SkuMapTables, PieceTable, OrderImportTables, SkuWaitQuantity, ChannelOrderWays, FileSourceTable, CancellationTable, MappedStock, WriteBackQueue],
  build: async (ctx) => {
    const { config, pool, store } = ctx;
    const kek = Buffer.from(config.FLOTILLA_KEK, 'base64');
    const indexKey = config.FLOTILLA_INDEX_KEY === undefined ? undefined : Buffer.from(config.FLOTILLA_INDEX_KEY, 'base64');
    const secrets = secretsOf(kek);
    const keys = new SubjectKeyRing(pool, kek);
    const connectorKey = await loadConnectorKey(pool, kek);
    const remarks = remarkReader(store);
    const parts: Ingest = {
      ctx,
      secrets,
      keys,
      connectorKey,
      platforms: platforms((text) => connectorKey.open(text)),
      channels: new ConnectedChannels(store, secrets),
      deliveries: new Deliveries(keys, secrets, (kind, value) => (indexKey === undefined ? '' : blindIndex(indexKey, kind, value)), remarks.reader),
      remarks,
    };
    const renew = (channel: string, meta: Meta): Promise<void> => beginRenewal(parts, channel, meta, 'OVER');
    if (config.FLOTILLA_CHANNELS_FILE !== undefined) await connectFromFile(parts, config.FLOTILLA_CHANNELS_FILE, config.FLOTILLA_SANDBOX_URL);
    const watching = { secrets: config.FLOTILLA_FILE_SECRETS, filesDir: config.FLOTILLA_FILES_DIR, settleMs: config.FLOTILLA_FILES_SETTLE_SECONDS * 1_000 };
    const stopWatching = watchFiles(parts, watching);
    const stopPushing = pushStock(parts, { everyMs: config.FLOTILLA_STOCK_PUSH_MS, pullHours: config.FLOTILLA_STOCK_PULL_HOURS });
    return {
      begin: () => beginMissedPulls(parts),
      controllers: [webhooksController(parts), importsController(parts), addressesController(parts), documentsController(parts)],
      consumers: [channelOrdersConsumer(parts), parcelEventsConsumer(parts), orderEventsConsumer(parts), stockEventsConsumer],
      grpc: [channelsGrpc(parts), channelOrdersGrpc(parts), writeBacksGrpc(parts), quarantineGrpc(parts), subjectKeysGrpc(parts), channelStockGrpc(parts), skuMapGrpc(parts), mappingsGrpc(parts), importsGrpc(parts, watching), remarksGrpc(parts)],
      timers: {
        changes: (event) => [...orderPullTimers(parts)(event), ...sessionTimers(parts)(event), ...shipByTimers(event)],
        fire: (timer, meta) => {
          if (timer.key.startsWith('session')) return beginRenewal(parts, (timer.data as { readonly channel: string }).channel, meta, isGiven(timer.key) ? 'GIVEN' : 'DUE');
          return timer.key.startsWith('shipBy') ? lookAtShipBy(parts, timer, meta) : beginOrderPull(parts, timer, meta);
        },
      },
      jobs: (event) => [...writeBackJobs(event), ...cancellationJobs(event), ...listingPullJobs(event), ...orderPullJobs(event), ...skuReleaseJobs(event), ...bulkReplayJobs(event), ...orderImportJobs(event), ...sessionRenewalJobs(event)],
      performers: {
        'write-back': writeBackPerformer({ ...parts, renew }),
        'listing-pull': listingPullPerformer(parts),
        'order-pull': orderPullPerformer(parts, pullFigures, renew),
        'sku-release': skuReleasePerformer(parts),
        'bulk-replay': bulkReplayPerformer(parts, (id, meta) => replayEntry(parts, { id, corrected: new Uint8Array(), meta })),
        'order-import': orderImportPerformer(parts),
        'session-renewal': sessionRenewalPerformer(parts),
      },
      followers: [lists],
      publish: (event) => [...facts(event), ...refusals(event)],
      tally: () => tally(pool),
      stop: async () => {
        await Promise.all([stopPushing(), stopWatching()]);
      },
    };
  },
});

const facts = publishAs('flotilla.ingest.v1', keyOf);

/** Everything about an order goes to one partition, and so does everything about a SKU in a channel, or about a channel. */
function keyOf(data: Readonly<Record<string, unknown>>): string {
  const { order, orderId = order?.orderId, channel, sku } = data as { readonly order?: { readonly orderId: string }; readonly orderId?: string; readonly channel?: string; readonly sku?: string };
  return orderId ?? (sku === undefined ? String(channel) : `${channel}/${sku}`);
}
