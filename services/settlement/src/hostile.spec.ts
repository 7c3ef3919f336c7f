import { readFileSync } from 'node:fs';
import { reasons } from '@flotilla/contracts';
import { hostileContract, type Reader } from '@flotilla/testing';
import { ratesIn } from './accept/fx.js';
import { checkedMapping, describedFormat } from './formats/described.js';
import type { StatementFormat } from './formats/format.js';
import { formats } from './formats/registry.js';
import { readRows, recognise, type Bytes } from './formats/statement-file.js';

const inPieces = (data: Uint8Array): Bytes => ({
  size: data.length,
  read: async function* () {
    for (let at = 0; at < data.length; at += 4_096) yield data.subarray(at, at + 4_096);
  },
});

/** Its lines as they would be kept; of rows that cannot be read their number alone, since their reason is told, not kept. */
const statement = async (data: Uint8Array, name: string, described: readonly StatementFormat[] = []): Promise<unknown> => {
  const bytes = inPieces(data);
  const lines: unknown[] = [];
  const rows = readRows(bytes, await recognise(bytes, name, described), 'shop-1');
  for (let next = await rows.next(); ; next = await rows.next()) {
    if (next.done) return { lines, ...next.value };
    lines.push('fault' in next.value ? next.value.fault.row : next.value.lines);
  }
};

const samples: Readonly<Record<string, string>> = { alipay: 'account.gbk.csv', 'shopify-payments': 'transactions-en.csv', 'wechat-pay': 'all-v3.csv' };

const described = describedFormat(
  checkedMapping({
    name: 'marketplace', titleZh: '市场', titleEn: 'Marketplace', legacy: 'windows-1252', occurredAt: ['Date'], reference: ['Order'], amount: ['Amount'], expense: [], direction: ['Way'], outgoing: ['out'], incoming: ['in'], fees: [{ names: ['Fee'] }], feesSigned: false, net: ['Net'], currency: ['Currency'], fixedCurrency: '',
    entry: [], batch: ['Payout'], utcOffset: '+08:00', dateOrder: 'DMY', type: ['Type'], kinds: [{ word: 'sale', kind: 'CHARGE', negated: false }, { word: 'total', kind: 'IGNORED', negated: false }], otherKind: '',
  }),
  1,
);

hostileContract('SET-02', Object.keys(reasons), [
  ...formats.flatMap(({ name }): readonly Reader[] => (samples[name] === undefined ? [] : [{ name: `a statement of ${name}`, kind: 'table', growth: 64, valid: [readFileSync(new URL(`formats/${name}/fixtures/${samples[name]}`, import.meta.url))], read: (bytes) => statement(bytes, name) }])),
  { name: 'a statement that was described', kind: 'table', growth: 64, valid: ['Date,Order,Type,Way,Amount,Fee,Net,Currency,Payout\n21/11/2026,#1,sale,in,12.00,0.50,11.50,EUR,P1\n21 Nov 2026,#2,refund,out,2.00,0,-2.00,EUR,P1\n21/11/2026,,total,in,10.00,,,EUR,P1\n'], read: (bytes) => statement(bytes, '', [described]) },
  { name: 'rates of exchange', kind: 'table', valid: ['from,to,date,rate\nUSD,EUR,2026-11-21,0.9231\nCNY,EUR,2026-11-21,0.1289\n'], read: (bytes) => ratesIn(bytes, 'ecb', 'spec') },
]);
