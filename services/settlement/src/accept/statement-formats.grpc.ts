import { settlement } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import type { EventStore } from '@flotilla/event-store';
import { serve, type Served, type ServiceContext } from '@flotilla/service-kit';
import { ALL, statementFormats, type StatementFormats } from '../decide/statement-formats.decider.js';
import { checkedMapping, describedFormat } from '../formats/described.js';
import type { StatementFormat } from '../formats/format.js';
import { formats } from '../formats/registry.js';
import { readRows, recognise, type Bytes } from '../formats/statement-file.js';

const largestSample = 256 * 1024;
const shownRows = 50;

const inForce = async (store: Pick<EventStore, 'folded'>): Promise<StatementFormats['inForce']> => (await store.folded(statementFormats, [ALL])).get(ALL)?.state.inForce ?? {};

/** The formats that merchants described, beside those of the code. */
export const describedFormats = async (store: Pick<EventStore, 'folded'>): Promise<readonly StatementFormat[]> => Object.values(await inForce(store)).map(({ mapping, version }) => describedFormat(mapping, version));

/** What the first rows of a sample become; it is the caller's own, and nothing of it is kept. */
export const previewOf = async (mapping: settlement.StatementMapping, sample: Uint8Array): Promise<Omit<settlement.PutStatementFormatResponse, 'version'>> => {
  if (sample.length === 0) return { lines: [], faults: [], batchNo: '' };
  if (sample.length > largestSample) throw new Refused('TOO_LARGE', `a sample has at most ${largestSample / 1024} KiB`);
  const bytes: Bytes = {
    size: sample.length,
    read: async function* () {
      yield sample;
    },
  };
  const what = await recognise(bytes, mapping.name, [describedFormat(mapping, 0)]);
  const lines: settlement.StatementLine[] = [];
  const faults: settlement.RowFault[] = [];
  const rows = readRows(bytes, what, 'sample');
  for (let next = await rows.next(); ; next = await rows.next()) {
    if (next.done) return { lines, faults, batchNo: next.value.batchNo };
    if ('fault' in next.value) faults.push(next.value.fault);
    else {
      for (const { part: _part, fingerprint: _fingerprint, label = '', ...line } of next.value.lines) {
        lines.push({ ...line, label, lineId: '', state: '', orderId: '', expected: { amount: 0, currency: line.amount.currency }, cause: '', likely: '', resolvedBy: '', resolution: '' });
      }
    }
    if (lines.length + faults.length >= shownRows) return { lines, faults, batchNo: '' };
  }
};

/** Statement formats as data: described with versions, tried on a sample before. */
export const statementFormatsGrpc = ({ store, clock }: Pick<ServiceContext, 'store' | 'clock'>): Served =>
  serve(settlement.StatementFormats, {
    list: async () => ({
      formats: formats.map(({ name, title, needed, columns }) => ({ name, titleZh: title.zh, titleEn: title.en, header: needed.map((column) => columns[column]?.[0] ?? column) })),
      described: Object.values(await inForce(store))
        .map(({ mapping, version, at, by }) => ({ mapping, version, putAt: at, putBy: by }))
        .toSorted((a, b) => (a.mapping.name < b.mapping.name ? -1 : 1)),
    }),
    put: async (request, call) => {
      const mapping = checkedMapping(request.mapping);
      const shown = await previewOf(mapping, request.sample);
      if (request.dryRun) return { version: 0, ...shown };
      const { answer } = await store.execute(
        {
          streams: [[statementFormats, ALL]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(statementFormats, ALL, { type: 'PutStatementFormat', data: { mapping, at: clock.machine().toISOString(), by: call.meta.actor } });
            return unit.state(statementFormats, ALL).versions[mapping.name]!;
          },
        },
        call.request(request),
      );
      return { version: answer, ...shown };
    },
    retire: async (request, call) => {
      const { name } = request;
      await store.execute(
        {
          streams: [[statementFormats, ALL]],
          meta: call.meta,
          decide: (unit) => {
            if (!Object.hasOwn(unit.state(statementFormats, ALL).inForce, name)) throw new Refused('NOT_FOUND', `no described format "${name.slice(0, 40)}"; list them with StatementFormats/List`);
            unit.run(statementFormats, ALL, { type: 'RetireStatementFormat', data: { name, at: clock.machine().toISOString(), by: call.meta.actor } });
          },
        },
        call.request(request),
      );
      return {};
    },
  });
