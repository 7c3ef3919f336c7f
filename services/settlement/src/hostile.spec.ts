import { readFileSync } from 'node:fs';
import { reasons } from '@flotilla/contracts';
import { hostileContract, type Reader } from '@flotilla/testing';
import { ratesIn } from './accept/fx.js';
import { formats } from './formats/registry.js';
import { readRows, recognise, type Bytes } from './formats/statement-file.js';

const inPieces = (data: Uint8Array): Bytes => ({
  size: data.length,
  read: async function* () {
    for (let at = 0; at < data.length; at += 4_096) yield data.subarray(at, at + 4_096);
  },
});

/** Its lines as they would be kept; of rows that cannot be read their number alone, since their reason is told, not kept. */
const statement = async (data: Uint8Array, name: string): Promise<unknown> => {
  const bytes = inPieces(data);
  const lines: unknown[] = [];
  const rows = readRows(bytes, await recognise(bytes, name), 'shop-1');
  for (let next = await rows.next(); ; next = await rows.next()) {
    if (next.done) return { lines, ...next.value };
    lines.push('fault' in next.value ? next.value.fault.row : next.value.lines);
  }
};

const samples: Readonly<Record<string, string>> = { alipay: 'account.gbk.csv', 'shopify-payments': 'transactions-en.csv', 'wechat-pay': 'all-v3.csv' };

hostileContract('SET-02', Object.keys(reasons), [
  ...formats.flatMap(({ name }): readonly Reader[] => (samples[name] === undefined ? [] : [{ name: `a statement of ${name}`, kind: 'table', growth: 64, valid: [readFileSync(new URL(`formats/${name}/fixtures/${samples[name]}`, import.meta.url))], read: (bytes) => statement(bytes, name) }])),
  { name: 'rates of exchange', kind: 'table', valid: ['from,to,date,rate\nUSD,EUR,2026-11-21,0.9231\nCNY,EUR,2026-11-21,0.1289\n'], read: (bytes) => ratesIn(bytes, 'ecb', 'spec') },
]);
