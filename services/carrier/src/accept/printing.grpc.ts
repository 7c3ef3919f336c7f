import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { carrier } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, repeatable, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { parcel } from '../decide/parcel.decider.js';
import { jobIdOf, papersIdOf, printJob, type PrintCopy } from '../decide/print-job.decider.js';
import { paperKinds, type PaperKind } from '../decide/print-job.events.js';
import { allStations, stations, type Station, type StationPrinter } from '../decide/station.decider.js';
import { maskedBy } from '../perform/carriers/carrier.js';
import type { Labels } from '../perform/labels/labels.js';
import { sizes } from '../perform/labels/template.js';
import { listPrintJobs, noteAgent, openJobs, seenAgents, toPrintJob } from '../query/print-jobs.query.js';

const states = ['', 'QUEUED', 'SENT', 'PRINTED', 'FAILED'];
const outcomes = ['PRINTED', 'FAILED', 'UNKNOWN'] as const;
const mostOutcomes = 200;
/** What an agent gets at once: it prints them one after the other. */
const together = 20;
const longestWaitMs = 25_000;
// Between a scan and its paper; a question of one index.
const lookEveryMs = 100;

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

const checkedText = (name: string, text: string, most: number): string => {
  if (Array.from(text).length > most) throw new Refused('TOO_LARGE', `${name} has at most ${most} characters`);
  return text;
};

const kindOf = (document: string): PaperKind => {
  const kind = paperKinds.find((one) => one === document);
  if (!kind) throw new Refused('UNKNOWN_FORMAT', `no document "${document.slice(0, 40)}"; there are ${paperKinds.join(', ')}`);
  return kind;
};

const toPrinter = ({ document, printer, format, size }: carrier.StationPrinter): StationPrinter => {
  const kind = kindOf(document);
  const wanted = format || 'PDF';
  if (wanted !== 'PDF' && wanted !== 'ZPL') throw new Refused('UNKNOWN_FORMAT', `no format "${wanted.slice(0, 40)}"; there are PDF and ZPL`);
  if (wanted === 'ZPL' && kind !== 'LABEL') throw new Refused('UNKNOWN_FORMAT', `${kind} is drawn as PDF`);
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$/u.test(printer)) throw new Refused('BAD_REQUEST', 'a printer is named with 1 to 60 letters, digits, spaces, ".", "_" and "-"');
  if (size !== '' && !(sizes as readonly string[]).includes(size)) throw new Refused('BAD_REQUEST', `no label size "${size.slice(0, 20)}"; there are ${sizes.join(' and ')}`);
  return { document: kind, printer, format: wanted, size: size || '100x150' };
};

const stationName = (station: string): string => {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(station)) throw new Refused('BAD_REQUEST', 'a station’s id has 1 to 40 characters of a-z, 0-9 and "-"');
  return station;
};

const named = (jobId: string): { readonly id: string; readonly document: PaperKind; readonly copy: number } => {
  const [, parcelId = '', document = '', copy = ''] = /^([\x21-\x7e]{1,100})\.([A-Z_]{1,20})\.(\d{1,4})$/.exec(jobId) ?? [];
  const kind = paperKinds.find((one) => one === document);
  if (!kind) throw new Refused('NOT_FOUND', `no print job "${jobId.slice(0, 160)}"; list them with Printing/List`);
  return { id: papersIdOf(parcelId, kind), document: kind, copy: Number(copy) };
};

// From the stream itself: the list follows a moment later.
const shownCopy = ({ paper, status, because, attempts }: PrintCopy): carrier.PrintJob =>
  toPrintJob({ ...paper, jobId: jobIdOf(paper), state: status, because, detail: '', queuedAt: paper.at, sentAt: '', settledAt: '', attempts });

/** Stations and their queue (CAR-06). Bytes are drawn when the agent fetches them and never kept: a recipient is in clear for that moment alone. */
export const printingGrpc = ({ store, pool, clock }: Pick<ServiceContext, 'store' | 'pool' | 'clock'>, labels: Labels): Served => {
  const at = (): string => clock.machine().toISOString();
  const all = async (): Promise<Readonly<Record<string, Station>>> => (await store.folded(stations, [allStations])).get(allStations)?.state ?? {};
  const known = async (id: string): Promise<Station> => {
    const found = (await all())[id];
    if (!found) throw new Refused('NOT_FOUND', `no station "${id.slice(0, 40)}"; put it with Printing/PutStation`);
    return found;
  };
  const agentOf = async ({ station, token, journal }: { readonly station: string; readonly token: string; readonly journal: string }): Promise<Station> => {
    const found = (await all())[station];
    const right = Buffer.from(found?.token || digest(randomUUID()), 'hex');
    // The same for a station that does not exist: who has no token learns nothing.
    if (!timingSafeEqual(right, Buffer.from(digest(token), 'hex')) || !found) throw new Refused('UNAUTHENTICATED', 'the token is not that of the station; issue one with Printing/IssueToken');
    if (!/^[A-Za-z0-9-]{8,60}$/.test(journal)) throw new Refused('BAD_REQUEST', 'journal has 8 to 60 letters, digits and "-"');
    return found;
  };
  const shown = async (): Promise<readonly carrier.PrintStation[]> => {
    const [put, { agents, waiting }] = await Promise.all([all(), seenAgents(pool)]);
    return Object.values(put)
      .map(({ token, printers, ...one }) => {
        const { agent = '', printers: offered = [], seenAt = '' } = agents.get(one.station) ?? {};
        return { ...one, printers: [...printers], hasToken: token !== '', agent, offered: [...offered], seenAt, waiting: waiting.get(one.station) ?? 0 };
      })
      .toSorted((a, b) => (a.station < b.station ? -1 : 1));
  };
  const one = async (station: string): Promise<carrier.PrintStation> => (await shown()).find((each) => each.station === station)!;

  const settle = async ({ jobId, outcome, detail }: carrier.PrintOutcome, journal: string, call: Call): Promise<void> => {
    const { id, copy } = named(jobId);
    const how = outcomes.find((each) => each === outcome);
    if (!how) throw new Refused('BAD_REQUEST', `no outcome "${outcome.slice(0, 20)}"; there are ${outcomes.join(', ')}`);
    await store.execute({ streams: [[printJob, id]], meta: call.meta, continues: [printJob, id], decide: (unit) => void unit.run(printJob, id, { type: 'Settle', data: { copy, journal, outcome: how, detail: detail.slice(0, 300), at: at() } }) });
  };
  const given = async (job: carrier.PrintJob, journal: string, holds: boolean, call: Call): Promise<carrier.PrintJob | undefined> => {
    const { id, copy } = named(job.jobId);
    const { answer } = await store.execute({
      streams: [[printJob, id]],
      meta: call.meta,
      continues: [printJob, id],
      decide: (unit) => {
        const events = unit.run(printJob, id, { type: 'Send', data: { copy, journal, holds, at: at() } });
        return events.some(({ type }) => type === 'PrintSent') ? shownCopy(unit.state(printJob, id)[copy - 1]!) : undefined;
      },
    });
    return answer;
  };
  const batchOf = async (kind: string, parcelId: string, size: string, reason: string, call: Call): Promise<carrier.PrintDocument> => {
    const parts: Uint8Array[] = [];
    for await (const part of labels.batch({ kind, parcelIds: [parcelId], size, reason, text: '' }, call)) {
      if (part.reason !== '') throw new Refused(part.reason, part.detail);
      parts.push(part.data);
    }
    return { data: Buffer.concat(parts), contentType: 'application/pdf' };
  };
  const drawn = async ({ paper: { parcelId, document, format, size, reason, waybill, by }, attempts }: PrintCopy, call: Call): Promise<carrier.PrintDocument> => {
    const state = (await store.folded(parcel, [parcelId])).get(parcelId)!.state;
    if (state.waybill !== waybill) throw new Refused('NOT_WAYBILLED', `parcel ${parcelId} has another waybill now; scan it again`);
    const why = attempts > 1 ? `given to the printer again, attempt ${attempts}${reason === '' ? '' : `: ${reason}`}` : reason;
    // Printed for whoever scanned, not for the agent.
    const asked = { ...call, meta: { ...call.meta, actor: by } };
    if (document === 'LABEL') return labels.print({ parcelId, format, size, reason: why }, asked);
    return batchOf(document === 'CARD' ? 'CARDS' : 'PACKING_SLIPS', parcelId, size, why, asked);
  };

  return serve(carrier.Printing, {
    putStation: async (request, call) => {
      const { station, name, warehouse, printers } = request;
      const id = stationName(station);
      const data = { station: id, name: checkedText('name', name, 60) || id, warehouse: checkedText('warehouse', warehouse, 40), printers: printers.map(toPrinter), at: at() };
      await store.execute({ streams: [[stations, allStations]], meta: call.meta, decide: (unit) => void unit.run(stations, allStations, { type: 'PutStation', data }) }, call.request(request));
      return one(id);
    },
    listStations: async () => ({ stations: [...(await shown())] }),
    issueToken: async ({ station }, call) => {
      const token = randomBytes(32).toString('base64url');
      await store.execute({ streams: [[stations, allStations]], meta: call.meta, decide: (unit) => void unit.run(stations, allStations, { type: 'IssueToken', data: { station, token: digest(token), at: at() } }) });
      return { station, token };
    },
    print: async (request, call) => {
      const { parcelId, station: id, reason } = request;
      const station = await known(id);
      const kinds = request.documents.length === 0 ? station.printers.map(({ document }) => document).filter((kind) => kind !== 'CARD') : [...new Set(request.documents.map(kindOf))];
      const printers = kinds.map((kind) => station.printers.find(({ document }) => document === kind));
      if (kinds.length === 0 || printers.includes(undefined)) throw new Refused('NO_PRINTER', `station ${id} has no printer for ${kinds.find((_, index) => !printers[index]) ?? 'anything'}; name one in the set-up of stations`);
      checkedText('reason', reason, 200);
      if (!/^[\x21-\x7e]{1,100}$/.test(parcelId)) throw new Refused('NOT_FOUND', 'no such parcel; list them with Parcels/List');
      const { answer } = await store.execute(
        {
          streams: [[parcel, parcelId], ...kinds.map((kind) => [printJob, papersIdOf(parcelId, kind)] as const)],
          meta: call.meta,
          continues: [parcel, parcelId],
          decide: (unit) => {
            const state = unit.state(parcel, parcelId);
            const { plan, waybill } = state;
            // Refused as a label would be: a slip of what was called off is as wrong.
            parcel.decide({ type: 'PrintLabel', data: { parcelId, waybill, format: 'PDF', size: '100x150', by: call.meta.actor } }, state);
            const masked = maskedBy(plan?.shipTo.token).platform !== '';
            return (printers as readonly StationPrinter[]).map(({ document, printer, format, size }) => {
              const papers = papersIdOf(parcelId, document);
              const ours = document === 'LABEL' && masked ? 'PLATFORM' : format;
              unit.run(printJob, papers, { type: 'Queue', data: { parcelId, document, station: id, printer, format: ours, size, waybill, number: plan?.number ?? '', reason, by: call.meta.actor, at: at() } });
              return shownCopy(unit.state(printJob, papers).at(-1)!);
            });
          },
        },
        repeatable(call, request),
      );
      return { jobs: answer };
    },
    drop: async (request, call) => {
      const { id, copy } = named(request.jobId);
      checkedText('reason', request.reason, 200);
      const { answer } = await store.execute(
        {
          streams: [[printJob, id]],
          meta: call.meta,
          continues: [printJob, id],
          decide: (unit) => {
            unit.run(printJob, id, { type: 'Drop', data: { copy, reason: request.reason, at: at() } });
            return shownCopy(unit.state(printJob, id)[copy - 1]!);
          },
        },
        call.request(request),
      );
      return answer;
    },
    list: async ({ page, station, state, parcelId }) => {
      if (!states.includes(state)) throw new Refused('BAD_REQUEST', `no state "${state.slice(0, 20)}"; there are ${states.slice(1).join(', ')}`);
      const question = { list: 'print jobs', station, state, parcelId };
      const { limit, after } = pageOf(page, question);
      if (after && !/^\d{1,18}$/.test(after[0]!)) throw new Refused('BAD_PAGE_TOKEN', 'page.token does not belong to this list');
      const { jobs, last } = await listPrintJobs(pool, { station, state, parcelId }, limit, after?.[0]);
      return { jobs: [...jobs], nextToken: last === undefined ? '' : pageToken([last], question) };
    },
    poll: async (request, call) => {
      const { station, journal, agent, printers, outcomes: said, holds, waitMs } = request;
      await agentOf(request);
      if (said.length > mostOutcomes || holds.length > mostOutcomes || printers.length > 100) throw new Refused('TOO_LARGE', `at most ${mostOutcomes} outcomes and jobs, and 100 printers`);
      await noteAgent(pool, station, { agent: checkedText('agent', agent, 100), printers: printers.map((printer) => checkedText('a printer', printer, 60)), seenAt: at() });
      for (const outcome of said) await settle(outcome, journal, call);
      const held = new Set(holds);
      const settled = new Set(said.map(({ jobId }) => jobId));
      // What was given before is given again at the beginning alone: a poll of an agent that has died meanwhile still waits here, and knows nothing of what its successor got.
      let again = true;
      const until = clock.machine().getTime() + Math.min(Math.max(waitMs, 0), longestWaitMs);
      for (;;) {
        const jobs: carrier.PrintJob[] = [];
        for (const job of await openJobs(pool, station, together)) {
          if (settled.has(job.jobId)) continue;
          const sent = await given(job, journal, !again || held.has(job.jobId), call);
          if (sent) jobs.push(sent);
        }
        if (jobs.length > 0 || clock.machine().getTime() >= until || call.signal.aborted) return { jobs };
        again = false;
        await sleep(lookEveryMs);
      }
    },
    fetch: async (request, call) => {
      await agentOf(request);
      const { id, copy } = named(request.jobId);
      const job = (await store.folded(printJob, [id])).get(id)!.state[copy - 1];
      if (!job || job.paper.station !== request.station || job.status !== 'SENT' || job.journal !== request.journal) throw new Refused('NOT_FOUND', 'this job was not given to you; poll for what there is to print');
      try {
        return await drawn(job, call);
      } catch (error) {
        // The agent could do nothing but try again: whoever scanned is told.
        if (error instanceof Refused) await store.execute({ streams: [[printJob, id]], meta: call.meta, continues: [printJob, id], decide: (unit) => void unit.run(printJob, id, { type: 'Refuse', data: { copy, detail: `${error.reason}: ${error.message}`, at: at() } }) });
        throw error;
      }
    },
  });
};
