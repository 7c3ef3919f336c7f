import { parseArgs } from 'node:util';
import { Stop } from '@flotilla/tasks';

export interface Args {
  readonly orders: number;
  /** Orders a second. */
  readonly rate: number;
  readonly seed: number;
  readonly once: boolean;
  /** No cancellations, faults or kills. */
  readonly calm: boolean;
  readonly json: string | undefined;
}

export const usage = `npm run demo -- [options]
  Starts everything, drives real-looking orders to delivered and settled, checks the invariants, and stays up.
  --once        end when done instead of staying up
  --orders N    how many orders (500): from 20 on by every way in (webhooks of Shopify, of two WooCommerce shops and of a shop without an adapter,
                WooCommerce and Taobao asked, CSV and XLSX files, channel-orders.v1); fewer all by Shopify's webhooks
  --rate R      orders a second (20)
  --seed S      which orders and which weather (7)
  --calm        plain orders only: no cancellations, faults or kills (so are runs below 20 orders)
  --json FILE   write the summary there, too`;

/** Reads the command line; a wrong one is a sentence, not a stack. */
export const readArgs = (argv: readonly string[]): Args | 'help' => {
  const options = {
    once: { type: 'boolean' }, calm: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    orders: { type: 'string' }, rate: { type: 'string' }, seed: { type: 'string' }, json: { type: 'string' },
  } as const;
  let values;
  try {
    values = parseArgs({ args: [...argv], options, strict: true }).values;
  } catch (error) {
    throw new Stop(`${(error as Error).message}\n\n${usage}`);
  }
  if (values.help) return 'help';
  const number = (name: 'orders' | 'rate' | 'seed', otherwise: number, least: number, most: number): number => {
    const text = values[name];
    const value = text === undefined ? otherwise : Number(text);
    if (!Number.isFinite(value) || value < least || value > most || (name !== 'rate' && !Number.isInteger(value))) {
      throw new Stop(`--${name} ${text} is not a number from ${least} to ${most}.`);
    }
    return value;
  };
  const orders = number('orders', 500, 1, 100_000);
  return {
    orders,
    rate: number('rate', 20, 0.1, 10_000),
    seed: number('seed', 7, 0, Number.MAX_SAFE_INTEGER),
    once: values.once ?? false,
    calm: values.calm ?? orders < 20,
    json: values.json,
  };
};
