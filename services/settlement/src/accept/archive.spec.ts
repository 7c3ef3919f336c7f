import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { zipSync, type Zippable } from 'fflate';
import { statementIn } from './archive.js';
import { spool } from './spool.js';

const MIB = 1024 * 1024;
const fixture = (path: string): Uint8Array => readFileSync(new URL(`../formats/${path}`, import.meta.url));
const details = fixture('alipay/fixtures/account.gbk.csv');
const trades = fixture('alipay-trade/fixtures/trade.gbk.csv');
const summary = Buffer.from('#支付宝账务汇总查询\n类型,收入笔数,收入金额\n合计,3,10.00\n');
const textOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString('latin1');
};
async function* inPieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}
const read = async (bytes: Uint8Array, name = '', largest = 8 * MIB): Promise<{ readonly format: string; readonly text: string }> => {
  const upload = await spool(inPieces(bytes), largest);
  try {
    const { file, what } = await statementIn(upload, name, [], largest);
    const text = await textOf(file.read());
    if (file !== upload) await file.close();
    return { format: what.format.name, text };
  } finally {
    await upload.close();
  }
};
const zip = (files: Zippable): Uint8Array => zipSync(files);

describe('SET-02: a statement in an archive', () => {
  it('SET-02: is the file that can be read beside a summary that cannot, byte for byte', async () => {
    const packed = zip({ '20889_20261121_summary.csv': summary, '20889_20261121_details.csv': details, 'readme.pdf': Buffer.from('%PDF'), '__MACOSX/20889_20261121_details.csv': details });
    const whole = Buffer.from(details).toString('latin1');
    expect(await read(packed)).toEqual({ format: 'alipay', text: whole });
    expect(await read(packed, 'alipay')).toEqual({ format: 'alipay', text: whole });
    expect(await read(details)).toEqual({ format: 'alipay', text: whole });
  });

  it('SET-02: several are refused, unless the caller says which format is meant', async () => {
    const both = zip({ 'a.csv': details, 'b.csv': trades });
    await expect(read(both)).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT', message: 'the archive has more than one statement; import them one by one' });
    expect(await read(both, 'alipay-trade')).toMatchObject({ format: 'alipay-trade' });
  });

  it.each([
    ['nothing to read', zip({ 'a.pdf': Buffer.from('%PDF') }), 'there is no CSV file in the archive'],
    ['no statement', zip({ 'a.csv': summary }), 'no header of a known statement'],
    ['too many files', zip(Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`${n}.csv`, summary]))), 'more than 20 files'],
    ['a workbook', zip({ '[Content_Types].xml': Buffer.from('<x/>'), 'xl/workbook.xml': Buffer.from('<x/>') }), 'there is no CSV file'],
    ['an archive in an archive', zip({ 'a.csv': zip({ 'b.csv': details }) }), 'no header of a known statement'],
    ['a cut archive', zip({ 'a.csv': details }).subarray(0, 300), 'cannot be read as one'],
    ['a mark and no more', Buffer.from('PK\u0003\u0004'), 'cannot be read as one'],
  ])('SET-02: an archive with %s is refused', async (_what, bytes, why) => {
    await expect(read(bytes)).rejects.toMatchObject({ reason: 'UNKNOWN_FORMAT', message: expect.stringContaining(why) });
  });

  it('SET-02: a bomb is refused at its bound', async () => {
    await expect(read(zip({ 'a.csv': new Uint8Array(3 * MIB) }), '', MIB)).rejects.toMatchObject({ reason: 'TOO_LARGE', message: 'a statement file may have 1 MiB unpacked' });
  });
});
