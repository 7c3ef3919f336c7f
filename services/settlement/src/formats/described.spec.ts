import { describe, expect, it } from '@jest/globals';
import type { settlement } from '@flotilla/contracts';
import fc from 'fast-check';
import { previewOf } from '../accept/statement-formats.grpc.js';
import { ALL, statementFormats, type Described, type StatementFormatEvent } from '../decide/statement-formats.decider.js';
import { checkedMapping, describedFormat } from './described.js';
import { readRows, recognise, type Bytes } from './statement-file.js';

const empty: settlement.StatementMapping = {
  name: 'remittance', titleZh: '代收货款', titleEn: 'Cash on delivery', legacy: '', occurredAt: [], reference: [], amount: [], expense: [], direction: [], outgoing: [], incoming: [], fees: [], feesSigned: false, net: [], currency: [], fixedCurrency: '', entry: [], batch: [],
  utcOffset: '', dateOrder: '', type: [], kinds: [], otherKind: '',
};

/** A marketplace that writes a row per amount, in English days. */
const marketplace: settlement.StatementMapping = {
  ...empty, name: 'marketplace', titleZh: '市场对账单', titleEn: 'Marketplace transactions', occurredAt: ['Transaction Date'], reference: ['Order No.'], amount: ['Amount(Include Tax)'], entry: ['Transaction Number'], batch: ['Statement'], type: ['Fee Name'], fixedCurrency: 'MYR', utcOffset: '+08:00',
  kinds: [{ word: 'Item Price Credit', kind: 'CHARGE', negated: false }, { word: 'Reversal Item Price', kind: 'REFUND', negated: false }, { word: 'Commission', kind: 'FEE', negated: false }, { word: 'Opening Balance', kind: 'IGNORED', negated: false }],
};
const marketplaceFile = [
  'Transaction Date,Transaction Number,Fee Name,Amount(Include Tax),Statement,Order No.',
  '21 Nov 2026,,Opening Balance,0.00,MY-2026-47,',
  '21 Nov 2026,T-1,Item Price Credit,"1,250.00",MY-2026-47,900001',
  '21 Nov 2026,T-2,Commission,-50.00,MY-2026-47,900001',
  '22 Nov 2026,T-3,Reversal Item Price,-20.50,MY-2026-47,900002',
  '22 Nov 2026,T-4,Lucky Egg,-1.00,MY-2026-47,900002',
].join('\n');

/** A Chinese platform that says in a word which way the money went. */
const platform: settlement.StatementMapping = {
  ...empty, name: 'platform', titleZh: '平台结算', titleEn: 'Platform settlement', occurredAt: ['结算时间'], reference: ['订单编号'], amount: ['金额'], direction: ['收支方向'], outgoing: ['支出'], incoming: ['收入'], type: ['费用项'], currency: ['币种'], utcOffset: '+08:00', otherKind: 'ADJUSTMENT',
  kinds: [{ word: '货款', kind: 'CHARGE', negated: false }, { word: '退货款', kind: 'REFUND', negated: false }, { word: '佣金', kind: 'FEE', negated: false }],
};

/** A carrier's list of what it took from buyers: a row per parcel with two fees, and no type. */
const remittance: settlement.StatementMapping = {
  ...empty, occurredAt: ['Date'], reference: ['Reference'], amount: ['COD'], fees: [{ names: ['Service fee'] }, { names: ['Tax', 'VAT'] }], net: ['Paid out'], fixedCurrency: 'EUR', utcOffset: '+01:00', dateOrder: 'DMY', otherKind: 'CHARGE', legacy: 'windows-1252',
};

const inPieces = (data: Uint8Array): Bytes => ({
  size: data.length,
  read: async function* () {
    for (let at = 0; at < data.length; at += 100) yield data.subarray(at, at + 100);
  },
});
const bytesOf = (text: string): Buffer => Buffer.from(`${text}\n`);
const shown = async (mapping: settlement.StatementMapping, text: string): Promise<{ readonly rows: readonly string[]; readonly faults: readonly settlement.RowFault[]; readonly batchNo: string }> => {
  const { lines, faults, batchNo } = await previewOf(checkedMapping(mapping), bytesOf(text));
  return { rows: lines.map(({ row, kind, reference, occurredAt, amount, fee, net }) => `${row} ${kind} ${reference} ${occurredAt} ${amount.amount} ${fee.amount} ${net.amount} ${amount.currency}`), faults, batchNo };
};
const fingerprintsOf = async (mapping: settlement.StatementMapping, text: string, version = 1): Promise<readonly string[]> => {
  const bytes = inPieces(bytesOf(text));
  const found: string[] = [];
  for await (const read of readRows(bytes, await recognise(bytes, '', [describedFormat(mapping, version)]), 'shop-1')) if ('lines' in read) found.push(...read.lines.map(({ fingerprint }) => fingerprint));
  return found;
};

describe('SET-02: a statement format as data', () => {
  it('SET-02: reads a row per amount by the platform’s words; a word that nobody described is for a person', async () => {
    expect(await shown(marketplace, marketplaceFile)).toEqual({
      batchNo: 'MY-2026-47',
      faults: [],
      rows: [
        '3 CHARGE 900001 2026-11-20T16:00:00.000Z 125000 0 125000 MYR',
        '4 FEE 900001 2026-11-20T16:00:00.000Z -5000 0 -5000 MYR',
        '5 REFUND 900002 2026-11-21T16:00:00.000Z -2050 0 -2050 MYR',
        '6 UNKNOWN 900002 2026-11-21T16:00:00.000Z -100 0 -100 MYR',
      ],
    });
  });

  it('SET-02: takes the sign from the word for the direction, and never calls a payment what takes', async () => {
    const file = ['费用项,订单编号,结算时间,收支方向,金额（元）,币种', '货款,J1,2026-11-21 10:00:00,收入,58.00,CNY', '佣金,J1,2026-11-21 10:00:00,支出,2.90,CNY', '退货款,J2,2026-11-21 10:00:00,支出,58.00,CNY', '货款,J3,2026-11-21 10:00:00,支出,1.00,CNY', '其他,,2026-11-21 10:00:00,收入,3.00,CNY', '佣金,J4,2026-11-21 10:00:00,不计收支,3.00,CNY'].join('\n');
    expect(await shown(platform, file)).toMatchObject({ batchNo: '2026-11-21', rows: ['2 CHARGE J1 2026-11-21T02:00:00.000Z 5800 0 5800 CNY', '3 FEE J1 2026-11-21T02:00:00.000Z -290 0 -290 CNY', '4 REFUND J2 2026-11-21T02:00:00.000Z -5800 0 -5800 CNY', '5 UNKNOWN J3 2026-11-21T02:00:00.000Z -100 0 -100 CNY', '6 ADJUSTMENT  2026-11-21T02:00:00.000Z 300 0 300 CNY', '7 UNKNOWN J4 2026-11-21T02:00:00.000Z 300 0 300 CNY'] });
  });

  it('SET-02: adds the fees of a row up and compares what is paid out', async () => {
    const file = ['Date;Reference;COD;Service fee;VAT;Paid out', '03/04/2026;R-1;1.012,50;1,00;0,21;1.011,29', '03/04/2026;R-2;10,00;1,00;0,21;8,00', '31/12/2026;R-3;10,00;;;10,00'].join('\n');
    expect(await shown(remittance, file)).toEqual({ batchNo: '2026-04-03~2026-12-31', rows: ['2 CHARGE R-1 2026-04-02T23:00:00.000Z 101250 121 101129 EUR', '4 CHARGE R-3 2026-12-30T23:00:00.000Z 1000 0 1000 EUR'], faults: [{ row: 3, reason: 'Paid out is not COD − fees' }] });
  });

  it('SET-02: what left in a column of its own, fees as what they do to the account, and words whose amounts have no sign', async () => {
    const columns = { ...platform, direction: [], outgoing: [], incoming: [], expense: ['支出'], amount: ['收入'], fees: [{ names: ['手续费'] }], feesSigned: true, kinds: [...platform.kinds, { word: '提现', kind: 'PAYOUT', negated: true }] };
    const file = ['费用项,订单编号,结算时间,收入,支出,手续费,币种', '货款,J1,2026-11-21 10:00:00,58.00,,-0.35,CNY', '退货款,J2,2026-11-21 10:00:00,,58.00,0.35,CNY', '提现,J9,2026-11-21 10:00:00,100.00,,0,CNY', '货款,J3,2026-11-21 10:00:00,1,1,0,CNY', '货款,J4,2026-11-21 10:00:00,,,0,CNY'].join('\n');
    expect(await shown(columns, file)).toMatchObject({
      rows: ['2 CHARGE J1 2026-11-21T02:00:00.000Z 5800 35 5765 CNY', '3 REFUND J2 2026-11-21T02:00:00.000Z -5800 -35 -5765 CNY', '4 PAYOUT  2026-11-21T02:00:00.000Z -10000 0 -10000 CNY'],
      faults: [{ row: 5, reason: '收入 and 支出 both have a value' }, { row: 6, reason: '收入 is missing' }],
    });
  });

  it('SET-02: a bad row is reported by its number with a reason that quotes nothing of it, the others are read', async () => {
    const [header = '', , good = ''] = marketplaceFile.split('\n');
    const { rows, faults } = await shown(marketplace, [header, good.replace('21 Nov 2026', '03/04/2026'), good.replace('"1,250.00"', 'secret'), good.replace('T-1', ''), good].join('\n'));
    expect(rows).toHaveLength(1);
    expect(faults).toEqual([{ row: 2, reason: 'Transaction Date is not a time (which number is the month cannot be told)' }, { row: 3, reason: 'Amount(Include Tax) is not an amount in MYR' }, { row: 4, reason: 'Transaction Number is missing' }]);
  });

  it('SET-02: the same row is the same line whatever a version makes of it, and once it is in a payout; rows that are alike in everything are not', async () => {
    const { entry: _entry, ...without } = marketplace;
    const bare = { ...without, entry: [] };
    for (const mapping of [marketplace, bare]) {
      const known = await fingerprintsOf(mapping, marketplaceFile);
      expect(new Set(known).size).toBe(4);
      expect(await fingerprintsOf({ ...mapping, utcOffset: '+09:00', kinds: [{ word: 'Opening Balance', kind: 'IGNORED', negated: false }], titleEn: 'New' }, marketplaceFile, 2)).toEqual(known);
      expect(await fingerprintsOf(mapping, marketplaceFile.replaceAll('MY-2026-47', ''))).toEqual(known);
    }
    const twice = await fingerprintsOf(platform, ['费用项,订单编号,结算时间,收支方向,金额,币种', '货款,J1,2026-11-21 10:00:00,收入,58.00,CNY', '货款,J1,2026-11-21 10:00:00,收入,58.00,CNY'].join('\n'));
    expect(new Set(twice).size).toBe(2);
  });

  it('SET-02: a sample may be the beginning of a file, cut within a character', async () => {
    const bytes = bytesOf(marketplaceFile.replace('Lucky Egg', '幸运蛋'));
    const cut = bytes.subarray(0, bytes.indexOf(Buffer.from('幸')) + 2);
    expect((await previewOf(marketplace, cut)).lines.map(({ row }) => row)).toEqual([3, 4, 5]);
  });

  it('SET-02: in a currency without decimals a mark parts thousands, whichever it is', async () => {
    const yen = { ...marketplace, fixedCurrency: 'JPY' };
    const row = (amount: string): string => `21 Nov 2026\tT-1\tItem Price Credit\t${amount}\tJ\t900001`;
    for (const amount of ['1,250', '1.250', '1250']) expect((await previewOf(yen, bytesOf([marketplaceFile.split('\n')[0]!.replaceAll(',', '\t'), row(amount)].join('\n')))).lines[0]?.amount).toEqual({ amount: 1_250, currency: 'JPY' });
  });

  it('SET-02: is told by its header, after the formats of the code, the more exact one first', async () => {
    const loose = { ...marketplace, name: 'loose', batch: [], entry: [] };
    const all = [describedFormat(loose, 1), describedFormat(marketplace, 3)];
    expect((await recognise(inPieces(bytesOf(marketplaceFile)), '', all)).format.name).toBe('marketplace@3');
    expect((await recognise(inPieces(bytesOf(marketplaceFile)), 'loose', all)).format.name).toBe('loose@1');
    await expect(recognise(inPieces(bytesOf(marketplaceFile)), 'platform', [describedFormat(platform, 1), ...all])).rejects.toMatchObject({ message: expect.stringContaining('this is a file of marketplace') });
    await expect(recognise(inPieces(bytesOf('a,b')), 'marketplace', all)).rejects.toMatchObject({ message: expect.stringContaining('these columns are missing: transaction date') });
    await expect(recognise(inPieces(bytesOf('a,b')), 'gone', all)).rejects.toMatchObject({ message: expect.stringContaining('wechat-pay, marketplace, loose') });
  });

  it('SET-02: a file of nobody’s is parted once a line, however many formats are described', async () => {
    const hundred = Array.from({ length: 100 }, (_, n) => describedFormat({ ...marketplace, name: `m${n}` }, 1));
    const line = Array.from({ length: 40 }, (_, n) => `"column ${n}"`).join(',');
    let parted = 0;
    const counting = hundred.map((format) => ({ ...format, split: () => ((parted += 1), undefined) }));
    await expect(recognise(inPieces(bytesOf(Array.from({ length: 60 }, () => line).join('\n'))), '', counting)).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' });
    // A format is asked once a line how it parts it, not once for every separator.
    expect(parted).toBe(60 * 100);
  });

  it.each([
    [{ name: 'Lazada' }, 'name is no name'], [{ name: '__proto__' }, 'name is no name'], [{ name: 'alipay' }, 'name is that of a format of the code'], [{ titleZh: ' ' }, 'title_zh'], [{ legacy: 'big5' }, 'legacy'],
    [{ amount: [] }, 'amount names no column'], [{ amount: ['(元)'] }, 'amount[0] is no name'], [{ amount: ['Order No.'] }, '"order no." is named twice'], [{ expense: ['Out'], direction: ['Way'], outgoing: ['out'], incoming: ['in'] }, 'expense and direction'],
    [{ direction: ['Way'] }, 'outgoing and direction'], [{ direction: ['Way'], outgoing: ['out'] }, 'incoming and direction'], [{ fixedCurrency: '' }, 'fixed_currency'], [{ fixedCurrency: 'ringgit' }, 'fixed_currency is no currency'], [{ currency: ['Currency'] }, 'fixed_currency'], [{ utcOffset: 'MYT' }, 'utc_offset'], [{ dateOrder: 'YMD' }, 'date_order'],
    [{ type: [] }, 'type names no column'], [{ type: [], kinds: [] }, 'other_kind has to say'], [{ kinds: [{ word: 'x', kind: 'GIFT', negated: false }] }, 'kinds[0].kind'], [{ kinds: [{ word: ' ', kind: 'FEE', negated: false }] }, 'kinds[0].word'],
    [{ kinds: [{ word: 'Fee', kind: 'FEE', negated: false }, { word: 'ｆｅｅ', kind: 'FEE', negated: false }] }, 'kinds[1].word is named twice'], [{ otherKind: 'IGNORED' }, 'other_kind'], [{ fees: Array.from({ length: 21 }, (_, n) => ({ names: [`f${n}`] })) }, 'fees has more than 20'],
    [{ batch: Array.from({ length: 21 }, (_, n) => `b${n}`) }, 'batch has more than 20 names'], [{ fees: [{ names: [] }] }, 'fees[0].names names no column'],
  ])('SET-02: %j is refused: %s', (change, why) => {
    expect(() => checkedMapping({ ...marketplace, ...change })).toThrow(expect.objectContaining({ reason: 'BAD_MAPPING', message: expect.stringContaining(why) }));
  });

  it('SET-02: a sample that is too large, or of another header, is refused', async () => {
    await expect(previewOf(marketplace, Buffer.alloc(256 * 1024 + 1))).rejects.toMatchObject({ reason: 'TOO_LARGE' });
    await expect(previewOf(marketplace, Buffer.from('a,b\n1,2\n'))).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT' });
  });

  it('SET-02: whatever mapping is put, it is checked or refused with a reason', () =>
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(marketplace)), fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string({ unit: 'binary' }), { maxLength: 30 })), (field, value) => {
        const now = (marketplace as unknown as Record<string, unknown>)[field];
        if (Array.isArray(now) !== Array.isArray(value) || typeof now !== typeof value || field === 'kinds' || field === 'fees') return;
        try {
          checkedMapping({ ...marketplace, [field]: value });
        } catch (error) {
          expect(error).toMatchObject({ reason: 'BAD_MAPPING' });
        }
      }),
      { numRuns: 500 },
    ));
});

describe('SET-02: described formats, version by version', () => {
  const data = { mapping: marketplace, at: '2026-11-30T10:00:00.000Z', by: 'clerk' };
  const after = (...commands: readonly Parameters<typeof statementFormats.decide>[0][]) =>
    commands.reduce<{ readonly state: typeof statementFormats.initial; readonly events: readonly StatementFormatEvent[] }>(
      ({ state, events }, command) => {
        const made = statementFormats.decide(command, state);
        return { state: made.reduce(statementFormats.evolve, state), events: [...events, ...made] };
      },
      { state: statementFormats.initial, events: [] },
    );
  const put = (change: Partial<settlement.StatementMapping> = {}) => ({ type: 'PutStatementFormat' as const, data: { ...data, mapping: { ...marketplace, ...change } } });
  const retire = { type: 'RetireStatementFormat' as const, data: { name: 'marketplace', at: data.at, by: 'clerk' } };

  it('SET-02: putting the same twice is one version, something else the next', () => {
    const { state, events } = after(put(), put(), put({ titleEn: 'New' }));
    expect(events.map((event) => (event.data as Described).version)).toEqual([1, 2]);
    expect(state.inForce['marketplace']).toMatchObject({ version: 2, mapping: { titleEn: 'New' } });
  });

  it('SET-02: one that was retired reads nothing, and goes on counting when it comes back', () => {
    expect(after(put(), retire).state.inForce).toEqual({});
    expect(after(put(), retire, retire).events).toHaveLength(2);
    expect(after(put(), retire, put()).state.inForce['marketplace']?.version).toBe(2);
  });

  it('SET-02: what tells that a row came again stays', () => {
    expect(() => after(put(), put({ entry: [] }))).toThrow(expect.objectContaining({ reason: 'BAD_MAPPING', message: expect.stringContaining('entry decides') }));
  });

  it('SET-02: there are a hundred at most; those that are there can still be described anew, and one that is retired makes room', () => {
    const hundred = Array.from({ length: 100 }, (_, n) => put({ name: `m${n}` }));
    expect(() => after(...hundred, put({ name: 'one-more' }))).toThrow(expect.objectContaining({ reason: 'BAD_MAPPING' }));
    expect(Object.keys(after(...hundred, { ...retire, data: { ...retire.data, name: 'm7' } }, put({ name: 'one-more' })).state.inForce)).toHaveLength(100);
    expect(after(...hundred, put({ name: 'm7', titleEn: 'New' })).state.inForce['m7']?.version).toBe(2);
    expect(ALL).toBe('all');
  });
});
