import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { allocation } from '@flotilla/contracts';
import { root } from '@flotilla/tasks';
import { patiently, type FleetClients } from './fleet.ts';

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

// The seed's orders come by webhook and topic. These shops are empty, and where an hour takes a second they would be asked four times in each.
const restShops = async (fleet: FleetClients): Promise<void> => {
  const rules = { everyMinutes: 15, peakEveryMinutes: 5, peakPercent: 200, peakLeast: 30, overlapMinutes: 10, paused: true };
  for (const channel of ['woo-demo', 'taobao-demo']) await patiently(() => fleet.channels.putOrderPull({ requestId: `seed-${channel}`, channel, rules }));
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
