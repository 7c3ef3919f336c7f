import { check, type Invariant } from '../invariant.ts';
import type { Sources } from '../sources.ts';

interface Voucher {
  readonly voucherId: string;
  readonly orderId: string;
  readonly cause: string;
  readonly postings: readonly { readonly account: string; readonly amount: { readonly amount: number; readonly currency: string } }[];
}

interface Life {
  lines: number;
  read: number;
  judged: number;
  flagged: number;
  resolved: number;
  state: string;
}

// What has to be said of a statement before the next can be.
const before: Readonly<Record<string, string>> = { StatementParsed: 'StatementReceived', StatementMatched: 'StatementParsed', StatementReviewed: 'StatementMatched', StatementClosed: 'StatementReviewed' };

/** Invariant 6, money: every voucher and so the whole ledger sums to zero per currency; statements live in order, with every line judged once. */
export const ledgerInvariants = async (sources: Sources): Promise<{ readonly invariants: readonly Invariant[]; readonly known: ReadonlySet<string> }> => {
  const vouchers = check('6 every voucher sums to zero per currency');
  const ledger = check('6 the ledger sums to zero per currency');
  const statements = check('6 every line of a statement is judged once, and a closed statement has none open');
  const lives = new Map<string, Life>();
  const totals = new Map<string, number>();
  const known = new Set<string>();
  for await (const event of sources.log('settlement')) {
    if (event.stream.startsWith('receivable-')) known.add(event.stream.slice('receivable-'.length));
    if (event.stream.startsWith('statement-')) live(lives, event.stream, event.type, event.data, (holds, what) => statements.that(holds, () => `${event.stream} v${event.version}: ${what}`));
    if (event.type !== 'VoucherPosted') continue;
    const { voucherId, postings } = JSON.parse(event.data) as Voucher;
    const sums = new Map<string, number>();
    for (const { amount } of postings) {
      sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + amount.amount);
      totals.set(amount.currency, (totals.get(amount.currency) ?? 0) + amount.amount);
    }
    for (const [currency, sum] of sums) vouchers.that(sum === 0, () => `voucher ${voucherId}: ${sum} ${currency} left over`);
  }
  for (const [currency, sum] of totals) ledger.that(sum === 0, () => `${sum} ${currency} left over`);
  for (const [stream, { lines, read, judged, flagged, resolved, state }] of lives) {
    const done = ['StatementMatched', 'StatementReviewed', 'StatementClosed'].includes(state);
    statements.that(state === 'StatementReceived' || read === lines, () => `${stream}: ${read} lines were read of ${lines}`);
    statements.that(done ? judged === lines : judged <= lines, () => `${stream}: ${judged} lines are judged of ${lines}, ${state}`);
    statements.that(resolved <= flagged && (!['StatementReviewed', 'StatementClosed'].includes(state) || resolved === flagged), () => `${stream}: ${resolved} of ${flagged} flagged lines are decided, ${state}`);
  }
  // Where no platform has sent one yet, there is nothing to be wrong.
  if (lives.size === 0) statements.that(true, () => '');
  return { invariants: [vouchers.done(), ledger.done(), statements.done()], known };
};

const live = (lives: Map<string, Life>, stream: string, type: string, data: string, that: (holds: boolean, what: string) => void): void => {
  const life = lives.get(stream) ?? { lines: 0, read: 0, judged: 0, flagged: 0, resolved: 0, state: '' };
  lives.set(stream, life);
  if (before[type] !== undefined) that(before[type] === life.state, `${type} after ${life.state}`);
  switch (type) {
    case 'StatementReceived':
      life.lines = (JSON.parse(data) as { lines: number }).lines;
      life.state = type;
      break;
    case 'LinesRead':
      life.read += (JSON.parse(data) as { lines: unknown[] }).lines.length;
      break;
    case 'LineMatched':
      life.judged += 1;
      break;
    case 'LineFlagged':
      life.judged += 1;
      life.flagged += 1;
      break;
    case 'LineResolved':
      life.resolved += 1;
      break;
    default:
      if (before[type] !== undefined) life.state = type;
  }
};
