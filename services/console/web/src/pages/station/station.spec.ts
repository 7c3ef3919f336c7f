import { describe, expect, it } from '@jest/globals';
import { isComplete, newStation, step, type Effect, type Input, type Line, type Mode, type Station, type Work } from './station.js';

const line = (sku: string, quantity: number, scanned = 0, barcodes: readonly string[] = []): Line => ({ sku, name: sku, quantity, scanned, barcodes });
const work = (change: Partial<Work> = {}): Work => ({ parcelId: 'p1', number: '#1001', waybill: 'SF1', carrier: 'sf', warehouse: 'SZ1', state: 'WAYBILLED', inWave: false, printed: false, lines: [line('MUG', 2, 0, ['6901']), line('TEA', 1)], advice: [], ...change });

let clock = 0;
const scan = (code: string, wait = 3_000): Input => ({ type: 'scan', code, at: (clock += wait) });
const found = (code: string, works: readonly Work[], by = 'NUMBER', sku = ''): Input => ({ type: 'found', code, by, sku, works });
const run = (mode: Mode, ...inputs: readonly Input[]): { readonly state: Station; readonly effects: readonly Effect[] } => {
  let state = newStation(mode);
  const effects: Effect[] = [];
  for (const input of inputs) {
    const next = step(state, input);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
};
const tones = (effects: readonly Effect[]): readonly string[] => effects.flatMap((one) => (one.do === 'tone' ? [one.tone] : []));
const done = (effects: readonly Effect[], what: Effect['do']): readonly Effect[] => effects.filter((one) => one.do === what);
const opened = [scan('#1001'), found('#1001', [work()])] as const;

describe('CAR-06: scan to print', () => {
  it('looks a code up, prints label and slip of what it finds, and takes the next one', () => {
    const { state, effects } = run('print', scan('#1001'), found('#1001', [work()]));
    expect(effects).toEqual([{ do: 'find', code: '#1001' }, { do: 'tone', tone: 'ok' }, { do: 'print', parcelId: 'p1' }]);
    expect(state).toMatchObject({ phase: 'idle', work: { parcelId: 'p1' } });
  });
  it('does not print again what was printed', () => {
    const { state, effects } = run('print', scan('#1001'), found('#1001', [work({ printed: true })]));
    expect(done(effects, 'print')).toEqual([]);
    expect(state.notes[0]).toMatchObject({ tone: 'duplicate', what: 'ALREADY_PRINTED' });
  });
  it.each([['SHIPPED', 'ALREADY_SHIPPED'], ['VOIDED', 'VOIDED'], ['BUYING', 'NOT_WAYBILLED']])('of a parcel that is %s it says why not', (state, what) =>
    expect(run('print', scan('#1001'), found('#1001', [work({ state })])).state.notes[0]).toMatchObject({ tone: 'wrong', what }));
  it('a SKU means a parcel that was not printed yet; when somebody else was faster, the next one', () => {
    const works = [work({ parcelId: 'a', printed: true }), work({ parcelId: 'b' }), work({ parcelId: 'c' })];
    const { state, effects } = run('print', scan('MUG'), found('MUG', works, 'SKU', 'MUG'), { type: 'printRefused', parcelId: 'b', reason: 'ALREADY_PRINTED', detail: '' });
    expect(done(effects, 'print')).toEqual([{ do: 'print', parcelId: 'b' }, { do: 'print', parcelId: 'c' }]);
    expect(state.work?.parcelId).toBe('c');
  });
  it('several parcels of an order: one is chosen, by hand or by its waybill', () => {
    const works = [work({ parcelId: 'a', waybill: 'SFA' }), work({ parcelId: 'b', waybill: 'SFB' })];
    expect(run('print', scan('#1001'), found('#1001', works)).state.phase).toBe('choosing');
    expect(done(run('print', scan('#1001'), found('#1001', works), scan('SFB')).effects, 'print')).toEqual([{ do: 'print', parcelId: 'b' }]);
    expect(done(run('print', scan('#1001'), found('#1001', works), { type: 'choose', parcelId: 'a' }).effects, 'print')).toEqual([{ do: 'print', parcelId: 'a' }]);
  });
  it('what is not known is wrong', () => {
    expect(run('print', scan('X'), { type: 'lost', code: 'X', reason: 'NOT_FOUND', detail: '' }).state).toMatchObject({ phase: 'idle', notes: [{ tone: 'wrong', what: 'NOT_FOUND' }] });
    expect(tones(run('print', scan('X'), found('X', [])).effects)).toEqual(['wrong']);
  });
});

describe('CAR-06: a scan is heard once', () => {
  it('the same code within two seconds is ignored, and heard as that; after them it counts', () => {
    const { effects, state } = run('verify', ...opened, scan('MUG'), scan('MUG', 500), scan('MUG', 1_000), scan('MUG', 600));
    expect(tones(effects)).toEqual(['ok', 'ok', 'duplicate', 'duplicate', 'ok']);
    expect(state.work?.lines[0]).toMatchObject({ scanned: 2 });
  });
  it('what is scanned while another is looked up waits for it', () => {
    const { state, effects } = run('verify', scan('#1001'), scan('MUG', 100), scan('TEA', 100), found('#1001', [work()]));
    expect(done(effects, 'find')).toEqual([{ do: 'find', code: '#1001' }]);
    expect(state.work?.lines.map(({ scanned }) => scanned)).toEqual([1, 1]);
  });
  it('the last five scans are shown, the newest first', () => {
    const { state } = run('print', ...['A', 'B', 'C', 'D', 'E', 'F'].flatMap((code): Input[] => [scan(code), found(code, [])]));
    expect(state.notes.map(({ code }) => code)).toEqual(['F', 'E', 'D', 'C', 'B']);
  });
  it('scans do not go through a dialog; ABORT does', () => {
    const { state } = run('verify', ...opened, { type: 'modal', open: true }, scan('MUG'));
    expect(state.notes[0]).toMatchObject({ tone: 'wrong', what: 'dialog' });
    expect(state.work?.lines[0]?.scanned).toBe(0);
    expect(step(state, scan('CMD-ABORT')).state).toMatchObject({ phase: 'idle', modal: false, work: null });
  });
});

describe('CAR-06: scan to verify', () => {
  it('ships when every line is scanned, by SKU or barcode, and not before', () => {
    const almost = run('verify', ...opened, scan('6901'), scan('MUG'));
    expect(done(almost.effects, 'close')).toEqual([]);
    const all = step(almost.state, scan('TEA'));
    expect(all.effects.at(-1)).toMatchObject({ do: 'close', pack: false, work: { parcelId: 'p1' } });
    expect(step(all.state, { type: 'closed', parcelId: 'p1' })).toMatchObject({ state: { phase: 'done' }, effects: [{ do: 'tone', tone: 'done' }] });
  });
  it.each(['CMD-FINALIZE', 'CMD-NEXT'])('%s does not close what is not scanned', (code) => {
    const { state, effects } = run('verify', ...opened, scan('MUG'), scan(code));
    expect(done(effects, 'close')).toEqual([]);
    expect(state).toMatchObject({ phase: 'working', notes: [{ tone: 'wrong', what: 'NOT_SCANNED' }, {}, {}] });
  });
  it('a wrong item stops everything until somebody has looked', () => {
    const wrong = run('verify', ...opened, scan('SOCK'));
    expect(wrong.state).toMatchObject({ phase: 'stopped', stop: { code: 'SOCK', what: 'WRONG_ITEM' } });
    const still = step(wrong.state, scan('MUG'));
    expect(still.state).toMatchObject({ phase: 'stopped', notes: [{ what: 'stopped', tone: 'wrong' }, {}, {}] });
    expect(still.state.work?.lines[0]?.scanned).toBe(0);
    expect(step(still.state, scan('CMD-FINALIZE')).state.phase).toBe('stopped');
    expect(step(still.state, { type: 'acknowledge' }).state).toMatchObject({ phase: 'working', stop: null });
    expect(step(still.state, scan('CMD-NEXT')).state).toMatchObject({ phase: 'working', stop: null });
  });
  it('one too many stops, too', () => expect(run('verify', ...opened, scan('TEA'), scan('TEA')).state).toMatchObject({ phase: 'stopped', stop: { what: 'SURPLUS_ITEM' } }));
  it('the parcel’s own waybill is no item', () => expect(run('verify', ...opened, scan('SF1')).state).toMatchObject({ phase: 'working', notes: [{ what: 'open', tone: 'duplicate' }, {}] }));
  it('the article that found the parcel is its first item', () => {
    const { state, effects } = run('verify', scan('6901'), found('6901', [work({ lines: [line('MUG', 1, 0, ['6901'])] })], 'SKU', 'MUG'));
    expect(state.phase).toBe('closing');
    expect(done(effects, 'print')).toHaveLength(1);
    expect(done(effects, 'close')).toHaveLength(1);
  });
  it('a parcel of a wave is counted by the service, which has the last word', () => {
    const inWave = work({ inWave: true, lines: [line('MUG', 1)] });
    const sent = run('verify', scan('#1001'), found('#1001', [inWave]), scan('MUG'));
    expect(sent.effects.at(-1)).toEqual({ do: 'count', parcelId: 'p1', code: 'MUG', sku: 'MUG' });
    expect(sent.state.phase).toBe('working');
    const closing = step(sent.state, { type: 'counted', parcelId: 'p1', lines: [{ sku: 'MUG', scanned: 1 }] });
    expect(closing.effects).toMatchObject([{ do: 'close', pack: true }]);
    const refused = step(sent.state, { type: 'itemRefused', parcelId: 'p1', code: 'MUG', sku: 'MUG', reason: 'SURPLUS_ITEM', detail: 'enough' });
    expect(refused.state).toMatchObject({ phase: 'stopped', stop: { what: 'SURPLUS_ITEM' }, work: { lines: [{ scanned: 0 }] } });
  });
  it('what cannot be shipped stops, and is tried again by FINALIZE', () => {
    const closing = run('verify', ...opened, scan('MUG'), scan('MUG'), scan('TEA'));
    const refused = step(closing.state, { type: 'closeRefused', parcelId: 'p1', reason: 'VOIDED', detail: '' });
    expect(refused.state).toMatchObject({ phase: 'stopped', stop: { what: 'VOIDED' } });
    expect(step(step(refused.state, { type: 'acknowledge' }).state, scan('CMD-FINALIZE')).effects.at(-1)).toMatchObject({ do: 'close' });
  });
  it('ABORT leaves it as it was: nothing is shipped', () => {
    const { state, effects } = run('verify', ...opened, scan('MUG'), scan('CMD-ABORT'));
    expect(state).toMatchObject({ phase: 'idle', work: null });
    expect(done(effects, 'close')).toEqual([]);
  });
  it('the next parcel begins while the last one is still shown as done', () => {
    const { effects } = run('verify', ...opened, scan('MUG'), scan('MUG'), scan('TEA'), { type: 'closed', parcelId: 'p1' }, scan('#1002'));
    expect(effects.at(-1)).toEqual({ do: 'find', code: '#1002' });
  });
  it('REPRINT asks, of what is on the table', () => {
    const { state, effects } = run('verify', ...opened, scan('CMD-REPRINT'));
    expect(effects.at(-1)).toEqual({ do: 'reprint', parcelId: 'p1' });
    expect(state.modal).toBe(true);
    expect(run('verify', scan('CMD-REPRINT')).state.notes[0]).toMatchObject({ what: 'nothingOpen', tone: 'wrong' });
  });
  it('answers about another parcel change nothing', () => {
    const { state } = run('verify', ...opened);
    for (const input of [{ type: 'closed', parcelId: 'x' }, { type: 'printed', parcelId: 'x' }, { type: 'counted', parcelId: 'x', lines: [] }] as const) expect(step(state, input).state).toEqual(state);
  });
  it('a parcel without lines is never complete', () => expect(isComplete({ lines: [] })).toBe(false));
});

describe('CAR-07: the hand-over', () => {
  it('a scan ships', () => expect(run('ship', scan('SF1'), found('SF1', [work()], 'WAYBILL')).effects.at(-1)).toMatchObject({ do: 'close', pack: false }));
  it('what is on the table is finished before the station does something else', () => {
    expect(run('verify', ...opened, { type: 'mode', mode: 'ship' }).state.mode).toBe('verify');
    expect(run('verify', { type: 'mode', mode: 'ship' }).state.mode).toBe('ship');
  });
});
