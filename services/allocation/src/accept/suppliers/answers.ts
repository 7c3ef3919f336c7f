import { createHash } from 'node:crypto';
import { Refused } from '@flotilla/decider';
import type { EventStore, Meta } from '@flotilla/event-store';
import { act } from '../../coordinate/suppliers/participant.js';
import { supplierFile, type TakenFile } from '../../decide/suppliers/file.decider.js';
import { offer, type Offer, type OfferCommand } from '../../decide/suppliers/offer.decider.js';
import type { OfferEvent } from '../../decide/suppliers/offer.events.js';
import { csvFile } from '@flotilla/files';
import type { Reading } from '../../perform/suppliers/sftp.js';
import { csvRows, type CsvRow } from '../csv-rows.js';

const COLUMNS = ['offer', 'answer'] as const;
const MOST_ROWS = 5_000;
const SHOWN = 100;

interface Answering {
  readonly store: EventStore;
  /** Business time. */
  readonly at: () => string;
  readonly meta: (actor: string) => Meta;
}

/**
 * Takes what a supplier answers in a file: offer, answer (ACCEPTED, REFUSED, SHIPPED)[, reason, carrier, waybill]. Each row stands for itself: one that
 * cannot be taken is handed back whole with its reason. Taken again from the beginning, rows that were applied are repeats; the file is noted once.
 */
export const takeAnswers = async ({ store, at, meta }: Answering, supplier: string, name: string, content: Buffer | Refused, sha256: string): Promise<Reading> => {
  const by = `supplier:${supplier}`;
  const note = async (taken: Pick<TakenFile, 'rows' | 'applied' | 'repeated' | 'refused' | 'refusals' | 'parked'>): Promise<void> => {
    const id = `${supplier}.${createHash('sha256').update(`${name}\n${sha256}`).digest('hex').slice(0, 32)}`;
    await store.execute({ streams: [[supplierFile, id]], meta: meta(by), decide: (unit) => void unit.run(supplierFile, id, { type: 'NoteFile', data: { supplier, name: name.slice(0, 200), sha256, takenAt: at(), ...taken } }) });
  };
  let rows: readonly CsvRow[];
  try {
    rows = await read(content);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await note({ rows: 0, applied: 0, repeated: 0, refused: 0, refusals: [], parked: error.reason });
    return { whole: true, parked: { name: `${name}.reason.txt`, text: `${error.reason}: ${error.message}\n` } };
  }
  const bad: { readonly row: CsvRow; readonly why: Refused }[] = [];
  let applied = 0;
  for (const row of rows) {
    try {
      applied += Number(await answer(row));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      bad.push({ row, why: error });
    }
  }
  await note({ rows: rows.length, applied, repeated: rows.length - applied - bad.length, refused: bad.length, refusals: bad.slice(0, SHOWN).map(({ row: { row }, why: { reason } }) => ({ row, reason })), parked: '' });
  if (bad.length === 0) return { whole: false };
  const columns = Object.keys(bad[0]!.row.values);
  return { whole: false, parked: { name, text: csvFile(['row', 'why', ...columns], bad.map(({ row: { row, values }, why: { reason, message } }) => [String(row), `${reason}: ${message}`, ...columns.map((column) => values[column] ?? '')])) } };

  async function answer({ values }: CsvRow): Promise<boolean> {
    const [lockId = '', said = ''] = [values['offer']?.toLowerCase(), values['answer']?.toUpperCase()];
    const unknown = new Refused('NOT_FOUND', `there is no offer "${lockId.slice(0, 40)}" to ${supplier}`);
    if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lockId)) throw unknown;
    const command = toCommand(said, values, by, at());
    const { answer: now } = await store.execute({
      streams: [[offer, lockId]],
      meta: meta(by),
      decide: (unit) => {
        const { head, lines } = unit.state(offer, lockId);
        if (head?.warehouse !== supplier || lines.length === 0) throw unknown;
        const events = act(unit, lockId, command);
        return { events, state: unit.state(offer, lockId) };
      },
    });
    return isNews(command, now.events, now.state);
  }
};

const read = async (content: Buffer | Refused): Promise<readonly CsvRow[]> => {
  if (content instanceof Refused) throw content;
  const rows: CsvRow[] = [];
  for await (const batch of csvRows(once(content), COLUMNS)) {
    rows.push(...batch);
    if (rows.length > MOST_ROWS) throw new Refused('TOO_LARGE', `a file with answers has at most ${MOST_ROWS} rows; split it`);
  }
  return rows;
};

async function* once(data: Buffer): AsyncGenerator<{ readonly data: Uint8Array }> {
  yield { data };
}

const toCommand = (said: string, { reason = '', carrier = '', waybill = '' }: CsvRow['values'], by: string, at: string): OfferCommand => {
  switch (said) {
    case 'ACCEPTED':
      return { type: 'AcceptOffer', data: { by, at } };
    case 'REFUSED':
      return { type: 'RefuseOffer', data: { by, at, reason: reason.toUpperCase() || 'OTHER' } };
    case 'SHIPPED':
      return { type: 'ShipOffer', data: { by, at, carrier, waybill, evidenceSha256: '' } };
    default:
      throw new Refused('BAD_REQUEST', `"${said.slice(0, 40)}" is no answer; there are ACCEPTED, REFUSED, SHIPPED`);
  }
};

// Whether a row changed something (true) or said what was said before (false). Nobody looks at a page here: what comes too late is refused, so that it is seen.
const isNews = (command: OfferCommand, events: readonly OfferEvent[], { status, accepted, shipping, sent }: Offer): boolean => {
  const is = (type: OfferEvent['type']): boolean => events.some((event) => event.type === type);
  switch (command.type) {
    case 'AcceptOffer':
      if (is('OfferAccepted')) return true;
      if (accepted && status !== 'RELEASED') return false;
      break;
    case 'RefuseOffer':
      if (is('OfferRefused')) return true;
      if (status === 'REFUSED') return false;
      break;
    case 'ShipOffer':
      if (is('SupplierShipped')) return true;
      if (sent?.waybill === command.data.waybill.replace(/\s/g, '').toUpperCase()) return false;
      break;
    default:
  }
  throw new Refused('OFFER_OVER', status === 'CONFIRMED' && !shipping ? 'it is not released yet: send it when its ship file is there' : `it is ${status}`);
};
