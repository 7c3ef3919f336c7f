/** What a scan is to be used for: a label, a label and every item checked before it is shipped, or the hand-over alone. */
export type Mode = 'print' | 'verify' | 'ship';
export type Tone = 'ok' | 'wrong' | 'duplicate' | 'done';

export interface Line {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly scanned: number;
  readonly barcodes: readonly string[];
}

/** A parcel on the table. */
export interface Work {
  readonly parcelId: string;
  readonly number: string;
  readonly waybill: string;
  readonly carrier: string;
  readonly warehouse: string;
  /** Of the parcel: only WAYBILLED can be worked on. */
  readonly state: string;
  /** It stands in a wave: the service counts, too, and is asked to pack it. */
  readonly inWave: boolean;
  /** Its label was, or waits to be. */
  readonly printed: boolean;
  readonly lines: readonly Line[];
  /** Codes of what has to be seen to while it is packed: FRAGILE, LIQUID. */
  readonly advice: readonly string[];
}

/** One of the last scans. `what`: how it was taken, as a reason or a word of the page; `detail`: of which. */
export interface Note {
  readonly id: number;
  readonly code: string;
  readonly tone: Tone;
  readonly what: string;
  readonly detail: string;
}

export type Phase = 'idle' | 'finding' | 'choosing' | 'working' | 'stopped' | 'closing' | 'done';

export interface Station {
  readonly mode: Mode;
  readonly phase: Phase;
  readonly work: Work | null;
  /** Where a scan meant several: parcels of one order, or others with the same article. */
  readonly choices: readonly Work[];
  /** Nothing goes on before somebody has looked. */
  readonly stop: { readonly code: string; readonly what: string; readonly detail: string } | null;
  readonly notes: readonly Note[];
  /** Scanned while the last one was still looked up. */
  readonly waiting: readonly string[];
  readonly seen: { readonly code: string; readonly at: number } | null;
  /** A dialog is open: scans do not go through it. */
  readonly modal: boolean;
}

export type Input =
  | { readonly type: 'scan'; readonly code: string; readonly at: number }
  | { readonly type: 'found'; readonly code: string; readonly by: string; readonly sku: string; readonly works: readonly Work[] }
  | { readonly type: 'lost'; readonly code: string; readonly reason: string; readonly detail: string }
  | { readonly type: 'choose'; readonly parcelId: string }
  | { readonly type: 'counted'; readonly parcelId: string; readonly lines: readonly { readonly sku: string; readonly scanned: number }[] }
  | { readonly type: 'itemRefused'; readonly parcelId: string; readonly code: string; readonly sku: string; readonly reason: string; readonly detail: string }
  | { readonly type: 'printed'; readonly parcelId: string }
  | { readonly type: 'printRefused'; readonly parcelId: string; readonly reason: string; readonly detail: string }
  | { readonly type: 'closed'; readonly parcelId: string }
  | { readonly type: 'closeRefused'; readonly parcelId: string; readonly reason: string; readonly detail: string }
  /** A button instead of the desk card. */
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'acknowledge' }
  | { readonly type: 'mode'; readonly mode: Mode }
  | { readonly type: 'modal'; readonly open: boolean };

export type Effect =
  | { readonly do: 'tone'; readonly tone: Tone }
  | { readonly do: 'find'; readonly code: string }
  | { readonly do: 'print'; readonly parcelId: string }
  | { readonly do: 'count'; readonly parcelId: string; readonly code: string; readonly sku: string }
  | { readonly do: 'close'; readonly work: Work; readonly pack: boolean }
  | { readonly do: 'reprint'; readonly parcelId: string };

export interface Step {
  readonly state: Station;
  readonly effects: readonly Effect[];
}

/** What stands on the desk card. */
export const commands = ['CMD-NEXT', 'CMD-FINALIZE', 'CMD-REPRINT', 'CMD-ABORT'] as const;
export type Command = (typeof commands)[number];

export const newStation = (mode: Mode): Station => ({ mode, phase: 'idle', work: null, choices: [], stop: null, notes: [], waiting: [], seen: null, modal: false });

const againMs = 2_000;
const shownNotes = 5;

export const isComplete = ({ lines }: Pick<Work, 'lines'>): boolean => lines.length > 0 && lines.every(({ quantity, scanned }) => scanned >= quantity);
export const missing = ({ lines }: Pick<Work, 'lines'>): number => lines.reduce((sum, { quantity, scanned }) => sum + Math.max(0, quantity - scanned), 0);

let noteIds = 0;
const tone = (which: Tone): Effect => ({ do: 'tone', tone: which });
const noted = (state: Station, code: string, which: Tone, what: string, detail = ''): Station => ({ ...state, notes: [{ id: (noteIds += 1), code, tone: which, what, detail }, ...state.notes].slice(0, shownNotes) });
const say = (state: Station, code: string, which: Tone, what: string, detail = '', ...more: readonly Effect[]): Step => ({ state: noted(state, code, which, what, detail), effects: [tone(which), ...more] });
const stay = (state: Station): Step => ({ state, effects: [] });
const after = (first: Step, next: (state: Station) => Step): Step => {
  const second = next(first.state);
  return { state: second.state, effects: [...first.effects, ...second.effects] };
};

const stopped = (state: Station, code: string, what: string, detail: string): Step => say({ ...state, phase: 'stopped', stop: { code, what, detail } }, code, 'wrong', what, detail);

const close = (state: Station, work: Work): Step => ({ state: { ...state, phase: 'closing' }, effects: [{ do: 'close', work, pack: state.mode === 'verify' && work.inWave }] });

const lineOf = (work: Work, code: string): Line | undefined => {
  const of = work.lines.filter(({ sku, barcodes }) => sku === code || barcodes.includes(code));
  // Of two articles with one barcode the one that is still wanted.
  return of.find(({ quantity, scanned }) => scanned < quantity) ?? of[0];
};

const item = (state: Station, work: Work, code: string): Step => {
  if (code === work.waybill || code === work.number || code === work.parcelId) return say(state, code, 'duplicate', 'open');
  const line = lineOf(work, code);
  if (!line) return stopped(state, code, 'WRONG_ITEM', '');
  if (line.scanned >= line.quantity) return stopped(state, code, 'SURPLUS_ITEM', line.name || line.sku);
  const next: Work = { ...work, lines: work.lines.map((one) => (one === line ? { ...one, scanned: one.scanned + 1 } : one)) };
  const counted = say({ ...state, work: next }, code, 'ok', 'item', line.name || line.sku, ...(work.inWave ? [{ do: 'count' as const, parcelId: work.parcelId, code, sku: line.sku }] : []));
  // Of a wave the service has the last word: it closes when it has counted.
  return isComplete(next) && !work.inWave ? after(counted, (then) => close(then, next)) : counted;
};

const begin = (state: Station, work: Work, code: string, sku: string, others: readonly Work[]): Step => {
  const cleared: Station = { ...state, phase: 'idle', work, choices: others, stop: null };
  if (work.state !== 'WAYBILLED') return say({ ...cleared, work: null, choices: [] }, code, 'wrong', work.state === 'SHIPPED' ? 'ALREADY_SHIPPED' : work.state === 'VOIDED' || work.state === 'VOIDING' ? 'VOIDED' : 'NOT_WAYBILLED', work.number);
  if (state.mode === 'ship') return after(say(cleared, code, 'ok', 'parcel', work.number), (then) => close(then, work));
  const print: readonly Effect[] = work.printed ? [] : [{ do: 'print', parcelId: work.parcelId }];
  if (state.mode === 'print') return say(cleared, code, work.printed ? 'duplicate' : 'ok', work.printed ? 'ALREADY_PRINTED' : 'parcel', work.number, ...print);
  const opened = say({ ...cleared, phase: 'working' }, code, 'ok', 'parcel', work.number, ...print);
  if (isComplete(work)) return after(opened, (then) => close(then, work));
  return sku === '' ? opened : after(opened, (then) => item(then, work, sku));
};

const command = (state: Station, code: Command): Step => {
  const { phase, work } = state;
  const idle: Station = { ...state, phase: 'idle', work: null, choices: [], stop: null, waiting: [] };
  switch (code) {
    case 'CMD-ABORT':
      if (phase === 'closing') return say(state, code, 'wrong', 'closing');
      return say({ ...idle, modal: false }, code, 'ok', 'aborted', work?.number ?? '');
    case 'CMD-NEXT':
      if (phase === 'stopped') return say({ ...state, phase: work ? 'working' : 'idle', stop: null }, code, 'ok', 'goesOn');
      if (phase === 'working' || phase === 'closing') return say(state, code, 'wrong', 'NOT_SCANNED', work?.number ?? '');
      return say(idle, code, 'ok', 'next');
    case 'CMD-FINALIZE':
      if (phase === 'stopped') return say(state, code, 'wrong', 'stopped');
      if (!work || phase === 'idle' || phase === 'done') return say(state, code, 'wrong', 'nothingOpen');
      // Whatever is wanted, no parcel leaves with a line that nobody has seen.
      if (!isComplete(work)) return say(state, code, 'wrong', 'NOT_SCANNED', String(missing(work)));
      return phase === 'closing' ? stay(state) : after(say(state, code, 'ok', 'finalized', work.number), (then) => close(then, work));
    case 'CMD-REPRINT':
      return work ? say({ ...state, modal: true }, code, 'ok', 'reprint', work.number, { do: 'reprint', parcelId: work.parcelId }) : say(state, code, 'wrong', 'nothingOpen');
  }
};

const scanned = (state: Station, { code, at }: Extract<Input, { type: 'scan' }>): Step => {
  const again = state.seen?.code === code && at - state.seen.at < againMs;
  const heard: Station = { ...state, seen: { code, at: again ? state.seen!.at : at } };
  if (again) return say(heard, code, 'duplicate', 'twice');
  return taken(heard, code);
};

const taken = (state: Station, code: string): Step => {
  const given = commands.find((one) => one === code.toUpperCase());
  if (state.modal && given !== 'CMD-ABORT') return say(state, code, 'wrong', 'dialog');
  if (given) return command(state, given);
  switch (state.phase) {
    case 'finding':
    case 'closing':
      return stay({ ...state, waiting: [...state.waiting, code].slice(-20) });
    case 'stopped':
      return say(state, code, 'wrong', 'stopped');
    case 'working':
      return state.work ? item(state, state.work, code) : stay(state);
    case 'choosing': {
      const chosen = state.choices.find(({ waybill, parcelId }) => waybill === code || parcelId === code);
      if (chosen) return begin(state, chosen, code, '', []);
      break;
    }
    case 'idle':
    case 'done':
      break;
  }
  return { state: { ...state, phase: 'finding', choices: [], stop: null }, effects: [{ do: 'find', code }] };
};

/** What was scanned meanwhile, one after the other, as far as it goes at once. */
const caughtUp = (step: Step): Step => {
  const [code, ...rest] = step.state.waiting;
  if (code === undefined || step.state.phase === 'finding' || step.state.phase === 'closing') return step;
  return caughtUp(after({ ...step, state: { ...step.state, waiting: rest } }, (state) => taken(state, code)));
};

const found = (state: Station, { code, by, sku, works }: Extract<Input, { type: 'found' }>): Step => {
  if (state.phase !== 'finding') return stay(state);
  const open = works.filter((one) => one.state === 'WAYBILLED');
  if (by === 'SKU') {
    const fresh = [...open.filter(({ printed }) => !printed), ...open.filter(({ printed }) => printed)];
    const [first, ...others] = fresh;
    return first ? begin(state, first, code, sku || code, others) : say({ ...state, phase: 'idle' }, code, 'wrong', 'notWanted', sku);
  }
  const [only, ...more] = open.length > 0 ? open : works;
  if (!only) return say({ ...state, phase: 'idle' }, code, 'wrong', 'NOT_FOUND');
  if (open.length > 1) return say({ ...state, phase: 'choosing', choices: [only, ...more] }, code, 'ok', 'choose', String(open.length));
  return begin(state, only, code, '', []);
};

const counted = (state: Station, { parcelId, lines }: Extract<Input, { type: 'counted' }>): Step => {
  const { work } = state;
  if (work?.parcelId !== parcelId) return stay(state);
  const scans = new Map(lines.map(({ sku, scanned: units }) => [sku, units]));
  const next: Work = { ...work, lines: work.lines.map((line) => ({ ...line, scanned: Math.max(line.scanned, scans.get(line.sku) ?? 0) })) };
  const settled = lines.every(({ sku, scanned: units }) => units >= (work.lines.find((line) => line.sku === sku)?.quantity ?? 0));
  return state.phase === 'working' && isComplete(next) && settled ? close({ ...state, work: next }, next) : stay({ ...state, work: next });
};

/** One thing that happens at the station: what it looks like after that, and what has to be done. Pure. */
export const step = (state: Station, input: Input): Step => {
  switch (input.type) {
    case 'scan':
      return caughtUp(scanned(state, input));
    case 'found':
      return caughtUp(found(state, input));
    case 'lost':
      return state.phase === 'finding' ? caughtUp(say({ ...state, phase: 'idle' }, input.code, 'wrong', input.reason, input.detail)) : stay(state);
    case 'choose': {
      const chosen = state.choices.find(({ parcelId }) => parcelId === input.parcelId);
      return chosen && state.phase === 'choosing' ? begin(state, chosen, chosen.waybill, '', []) : stay(state);
    }
    case 'counted':
      return caughtUp(counted(state, input));
    case 'itemRefused': {
      const { work } = state;
      if (work?.parcelId !== input.parcelId) return stay(state);
      const back: Work = { ...work, lines: work.lines.map((line) => (line.sku === input.sku ? { ...line, scanned: Math.max(0, line.scanned - 1) } : line)) };
      return stopped({ ...state, work: back }, input.code, input.reason, input.detail);
    }
    case 'printed':
      return stay(state.work?.parcelId === input.parcelId ? { ...state, work: { ...state.work, printed: true } } : state);
    case 'printRefused': {
      if (state.work?.parcelId !== input.parcelId) return stay(state);
      const [next, ...others] = state.choices;
      // Somebody else was faster with this parcel: another one waits for the same article.
      if (input.reason === 'ALREADY_PRINTED' && next && state.phase !== 'closing') return begin(state, next, state.notes[0]?.code ?? '', state.mode === 'verify' ? (state.work.lines.find(({ scanned: units }) => units > 0)?.sku ?? '') : '', others);
      return say(state, state.work.number, input.reason === 'ALREADY_PRINTED' ? 'duplicate' : 'wrong', input.reason, input.detail);
    }
    case 'closed':
      return state.work?.parcelId === input.parcelId ? caughtUp(say({ ...state, phase: 'done', seen: null }, state.work.waybill, 'done', 'shipped', state.work.number)) : stay(state);
    case 'closeRefused':
      return state.work?.parcelId === input.parcelId ? stopped(state, state.work.waybill, input.reason, input.detail) : stay(state);
    case 'command':
      return command(state, input.command);
    case 'acknowledge':
      return state.phase === 'stopped' ? command(state, 'CMD-NEXT') : stay(state);
    case 'mode':
      // What is on the table is finished, or given up, as it was begun.
      return state.phase === 'idle' || state.phase === 'done' ? stay({ ...newStation(input.mode), notes: state.notes }) : stay(state);
    case 'modal':
      return stay({ ...state, modal: input.open });
  }
};
