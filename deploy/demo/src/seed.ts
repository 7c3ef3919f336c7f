import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { allocation, ingest } from '@flotilla/contracts';
import { root } from '@flotilla/tasks';
import { patiently, type FleetClients } from './fleet.ts';
import type { World } from './world.ts';

const file = (name: string): { data: Uint8Array }[] => [{ data: readFileSync(join(root, 'deploy', 'seed', name)) }];

interface Report {
  readonly rows: number;
  readonly refused: number;
  readonly errors: readonly { readonly row: number; readonly reason: string; readonly detail: string }[];
}

/** What a merchant brings on the first day, through the same imports that a merchant has. */
export const importSeed = async (fleet: FleetClients): Promise<void> => {
  const check = (name: string, { refused, errors }: Report): void => {
    if (refused > 0) throw new Error(`deploy/seed/${name}: row ${errors[0]?.row}: ${errors[0]?.reason} ${errors[0]?.detail}`);
  };
  const options = { deadlineMs: 30_000 };
  check('warehouses.csv', await patiently(() => fleet.warehouses.import(file('warehouses.csv'), options)));
  check('skus.csv', await patiently(() => fleet.catalogue.import(file('skus.csv'), options)));
  check('stock.csv', await patiently(() => fleet.stock.import(file('stock.csv'), options)));
  check('rate-cards.csv', await patiently(() => fleet.rateCards.import(file('rate-cards.csv'), options)));
  // The same prices and days for planning: allocation keeps its own copy.
  check('rate-cards.csv', await patiently(() => fleet.routing.importLanes(file('rate-cards.csv'), options)));
  await activateRules(fleet);
  await restShops(fleet);
};

// As long as these shops are empty: where an hour takes a second they would be asked four times in each.
const restShops = async (fleet: FleetClients): Promise<void> => {
  const rules = { everyMinutes: 15, peakEveryMinutes: 5, peakPercent: 200, peakLeast: 30, overlapMinutes: 10, paused: true };
  for (const channel of ['woo-demo', 'taobao-demo']) await patiently(() => fleet.channels.putOrderPull({ requestId: `seed-${channel}`, channel, rules }));
};

/** The shops that are asked for their orders in a demo. */
export const askedShops = ['woo-demo', 'woo-sh', 'taobao-demo'] as const;

/** Has them asked every two seconds of the wall, every second in a peak, whatever the business clock makes of a second; or not any more. */
export const paceShops = async (fleet: FleetClients, clock: string, paused: boolean): Promise<void> => {
  const rate = Number(clock.split('@')[1] ?? 1);
  const minutes = (seconds: number): number => Math.min(1_440, Math.max(1, Math.round((seconds * rate) / 60)));
  // An order can be a second old before it can be seen, and that second is an hour here.
  const rules = { everyMinutes: minutes(2), peakEveryMinutes: minutes(1), peakPercent: 200, peakLeast: 5, overlapMinutes: minutes(2), paused };
  for (const channel of askedShops) await patiently(() => fleet.channels.putOrderPull({ requestId: `pace-${channel}-${paused}`, channel, rules }));
};

/**
 * The ways in that no file of channels has: a second WooCommerce shop whose order numbers are the first one's and whose SKUs are its own, and a shop that
 * nobody has an adapter for, connected by a mapping alone. Both as a merchant would, through the API.
 */
export const openWays = async (fleet: FleetClients, world: World, sandbox: string): Promise<void> => {
  const secret = (): string => randomBytes(24).toString('hex');
  const woo = { platform: 'woocommerce', secret: secret(), appKey: `ck_${secret()}:cs_${secret()}`, skuPrefix: 'SH-' } as const;
  await world.open('woo-sh', woo);
  await patiently(() => fleet.channels.connect({ requestId: 'seed-woo-sh', id: 'woo-sh', platform: 'woocommerce', name: 'Woo 上海店', secret: woo.secret, apiUrl: `${sandbox}/woocommerce/woo-sh`, apiToken: woo.appKey }));
  await patiently(() => fleet.skuMap.putPolicy({ requestId: 'seed-policy-woo-sh', channel: 'woo-sh', unmapped: 'WAIT' }));
  const { errors } = await patiently(() => fleet.skuMap.import(file('sku-map-woo-sh.csv'), { deadlineMs: 30_000 }));
  if (errors.length > 0) throw new Error(`deploy/seed/sku-map-woo-sh.csv: row ${errors[0]!.row}: ${errors[0]!.reason} ${errors[0]!.detail}`);
  const live = { platform: 'generic', secret: secret() } as const;
  await world.open('live-demo', live);
  await patiently(() => fleet.channels.connect({ requestId: 'seed-live-demo', id: 'live-demo', platform: 'generic', name: '直播间小店', secret: live.secret, apiUrl: '', apiToken: '' }));
  const mapping = JSON.parse(readFileSync(join(root, 'deploy', 'seed', 'mapping-live-demo.json'), 'utf8')) as ingest.Mapping;
  await patiently(() => fleet.mappings.put({ requestId: 'seed-mapping-live-demo', channel: 'live-demo', mapping }));
};

// The same file is the same version, however often it is brought.
const activateRules = async (fleet: FleetClients): Promise<void> => {
  const text = readFileSync(join(root, 'deploy', 'seed', 'routing.json'), 'utf8');
  const requestId = `seed-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  const { version } = await patiently(() => fleet.routing.putRules({ requestId, rules: JSON.parse(text) as allocation.RuleSet }));
  await patiently(() => fleet.routing.activate({ requestId: `${requestId}-activate`, version }));
};

/** The SKUs of which the seed has too little, with the warehouse and what is there. */
export const shortStock = (): { warehouse: string; sku: string; onHand: number }[] =>
  readFileSync(join(root, 'deploy', 'seed', 'stock.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .map(([warehouse = '', sku = '', onHand = '0']) => ({ warehouse, sku, onHand: Number(onHand) }))
    .filter(({ onHand }) => onHand < 100);
