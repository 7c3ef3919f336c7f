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
  /** Lines that were read and not judged, and that were flagged and not decided. */
  readonly waiting: Set<string>;
  readonly flagged: Set<string>;
  /** Read and judged at once, as it was done before statements were read in parts: never parsed, and closed without a review. */
  typed: boolean;
  reviewed: boolean;
  state: string;
}

// What has to be said of a statement before the next can be.
const before: Readonly<Record<string, string>> = { StatementParsed: 'StatementReceived', StatementMatched: 'StatementParsed', StatementReviewed: 'StatementMatched', StatementClosed: 'StatementReviewed' };
const beforeOfTyped: Readonly<Record<string, readonly string[]>> = { StatementMatched: ['StatementReceived'], StatementClosed: ['StatementReceived', 'StatementReviewed'] };

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
    vouchers.that(postings.length > 0, () => `voucher ${voucherId} posts nothing`);
    for (const [currency, sum] of sums) vouchers.that(sum === 0, () => `voucher ${voucherId}: ${sum} ${currency} left over`);
  }
  for (const [currency, sum] of totals) ledger.that(sum === 0, () => `${sum} ${currency} left over`);
  for (const [stream, { lines, read, waiting, flagged, reviewed, state }] of lives) {
    const done = ['StatementMatched', 'StatementReviewed', 'StatementClosed'].includes(state);
    statements.that(state === 'StatementReceived' || read === lines, () => `${stream}: ${read} lines were read of ${lines}`);
    statements.that(!done || waiting.size === 0, () => `${stream}: ${waiting.size} lines are not judged of ${lines}, ${state}`);
    statements.that(!reviewed || flagged.size === 0, () => `${stream}: ${flagged.size} flagged lines are not decided, ${state}`);
  }
  // Where no platform has sent one yet, there is nothing to be wrong.
  if (lives.size === 0) statements.that(true, () => '');
  return { invariants: [vouchers.done(), ledger.done(), statements.done()], known };
};

const live = (lives: Map<string, Life>, stream: string, type: string, data: string, that: (holds: boolean, what: string) => void): void => {
  const life = lives.get(stream) ?? { lines: 0, read: 0, waiting: new Set(), flagged: new Set(), typed: false, reviewed: false, state: '' };
  lives.set(stream, life);
  if (before[type] !== undefined) that(before[type] === life.state || (life.typed && (beforeOfTyped[type] ?? []).includes(life.state)), `${type} after ${life.state}`);
  switch (type) {
    case 'StatementReceived':
      life.lines = (JSON.parse(data) as { lines: number }).lines;
      life.state = type;
      break;
    case 'LinesRead':
    case 'LinesTyped': {
      const { lines } = JSON.parse(data) as { lines: readonly { readonly lineId: string }[] };
      life.typed ||= type === 'LinesTyped';
      life.read += lines.length;
      for (const { lineId } of lines) life.waiting.add(lineId);
      break;
    }
    case 'LineMatched':
    case 'LineFlagged': {
      const { lineId } = JSON.parse(data) as { lineId: string };
      that(life.waiting.delete(lineId), `line ${lineId} is judged twice, or was never read`);
      if (type === 'LineFlagged') life.flagged.add(lineId);
      break;
    }
    case 'LineResolved': {
      const { lineId } = JSON.parse(data) as { lineId: string };
      that(life.flagged.delete(lineId), `line ${lineId} is decided twice, or was never flagged`);
      break;
    }
    default:
      if (before[type] !== undefined) life.state = type;
      life.reviewed ||= type === 'StatementReviewed';
  }
};
