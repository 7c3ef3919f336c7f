#!/usr/bin/env node
// A print agent: asks the console what its station has to print, and sends it to printers. No packages; Node 20 or newer.
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const version = 'flotilla-print-agent 1';
const help = `${version}

Prints what a station of the Flotilla console has in its queue.

  FLOTILLA_PRINT_TOKEN=… node agent.mjs --console http://host:8100 --station pack-1 --printer zebra=tcp://10.0.0.9:9100

  --console URL        the console
  --station ID         the station; its token is made in the console, Set-up, Stations
  --token-file FILE    where the token stands, instead of FLOTILLA_PRINT_TOKEN
  --printer NAME=WHERE as often as there are printers. WHERE is tcp://host:port (raw, 9100 where none is given) or folder:/path
  --journal FILE       memory of what was printed; keep it (default ./print-journal.jsonl)
  --once               ends when nothing is left to print
  --help

A document is begun only after the journal says so, and what became of it is kept before it is told: after a crash nothing is
lost, and what may have come out already is not printed again but reported, so that somebody looks.`;

/** What this agent was given, and what became of it; every line is on the disk before anything goes on. */
export class Journal {
  /** @param {string} file */
  constructor(file) {
    this.file = resolve(file);
    this.jobs = new Map();
    mkdirSync(dirname(this.file), { recursive: true });
    const lines = existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n').filter(Boolean) : [];
    for (const line of lines) {
      try {
        this.apply(JSON.parse(line));
      } catch {
        // The last line of a crash: what it was to say did not happen.
      }
    }
    if (!this.id) this.id = randomUUID();
    this.compact();
    this.fd = openSync(this.file, 'a');
    // A crash in the middle: it may have come out, and only a person can see.
    for (const [job, { step }] of this.jobs) if (step === 'begun') this.note(job, 'ended', { outcome: 'UNKNOWN', detail: 'the print agent stopped while it was printing' });
    // Never begun: the console gives it again.
    for (const [job, { step }] of this.jobs) if (step === 'taken') this.jobs.delete(job);
  }

  apply(entry) {
    if (entry.journal) this.id = entry.journal;
    else if (entry.step === 'told') this.jobs.delete(entry.job);
    else this.jobs.set(entry.job, entry);
  }

  /** Only what is not told yet is of any use. */
  compact() {
    const next = `${this.file}.next`;
    writeFileSync(next, [{ journal: this.id }, ...this.jobs.values()].map((line) => `${JSON.stringify(line)}\n`).join(''), { flush: true });
    renameSync(next, this.file);
  }

  note(job, step, more = {}) {
    const entry = { job, step, ...more };
    // A line broken by a crash must not swallow this one.
    writeSync(this.fd, `\n${JSON.stringify(entry)}\n`);
    fsyncSync(this.fd);
    this.apply(entry);
  }

  outcomes() {
    return [...this.jobs.values()].filter(({ step }) => step === 'ended').slice(0, 200).map(({ job, outcome, detail }) => ({ jobId: job, outcome, detail: detail ?? '' }));
  }

  holds() {
    return [...this.jobs.values()].filter(({ step }) => step !== 'ended').map(({ job }) => job);
  }

  close() {
    closeSync(this.fd);
  }
}

/** `certain`: not a byte has reached the printer. */
class PrinterFailed extends Error {
  constructor(message, certain) {
    super(message);
    this.certain = certain;
  }
}

const overTcp = (host, port) => (bytes) =>
  new Promise((done, fail) => {
    const socket = connect({ host, port });
    let began = false;
    socket.setTimeout(30_000, () => socket.destroy(new Error('the printer does not take it')));
    socket.once('connect', () => {
      began = true;
      socket.end(bytes);
    });
    socket.once('error', (error) => fail(new PrinterFailed(error.message, !began)));
    // Raw printers answer nothing: that they took every byte and closed is all there is to know.
    socket.once('close', (failed) => failed || done());
    socket.resume();
  });

const endings = { 'application/zpl': 'zpl', 'application/pdf': 'pdf', 'application/json': 'json' };

const toFolder = (folder) => async (bytes, { jobId, contentType }) => {
  try {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${jobId.replace(/[^\w.-]/g, '_')}.${endings[contentType] ?? 'bin'}`);
    writeFileSync(`${file}.part`, bytes, { flush: true });
    renameSync(`${file}.part`, file);
  } catch (error) {
    throw new PrinterFailed(error.message, true);
  }
};

/** `zebra=tcp://10.0.0.9` → its name, and what prints on it. */
export const printerOf = (text) => {
  const [, name, where] = /^([^=]{1,60})=(.+)$/.exec(text) ?? [];
  if (!name) throw new Error(`"${text}" is no printer; write NAME=tcp://host:port or NAME=folder:/path`);
  if (where.startsWith('folder:')) return [name, toFolder(resolve(where.slice('folder:'.length)))];
  const { protocol, hostname, port } = new URL(where);
  if (protocol !== 'tcp:') throw new Error(`${where} is neither tcp:// nor folder:`);
  return [name, overTcp(hostname, Number(port || 9100))];
};

/** One look at the queue, and whatever it brings. Answers how many documents there were. */
export const work = async ({ console: base, station, token, journal, printers, waitMs, log = () => undefined, signal }) => {
  const headers = { authorization: `Bearer ${station}.${token}`, 'content-type': 'application/json' };
  const outcomes = journal.outcomes();
  const response = await fetch(new URL('/api/print/poll', base), {
    method: 'POST',
    headers,
    body: JSON.stringify({ journal: journal.id, agent: version, printers: [...printers.keys()], outcomes, holds: journal.holds(), waitMs }),
    signal: AbortSignal.any([AbortSignal.timeout(waitMs + 30_000), ...(signal ? [signal] : [])]),
  });
  if (!response.ok) throw new Error(`the console answers ${response.status}: ${(await response.text()).slice(0, 300)}`);
  const { jobs } = await response.json();
  for (const { jobId } of outcomes) journal.note(jobId, 'told');
  for (const job of jobs) journal.note(job.jobId, 'taken');
  for (const job of jobs) {
    const { jobId, printer } = job;
    const end = (outcome, detail = '') => {
      journal.note(jobId, 'ended', { outcome, detail });
      log(`${jobId} ${outcome}${detail === '' ? '' : `: ${detail}`}`);
    };
    const print = printers.get(printer);
    if (!print) {
      end('FAILED', `this agent has no printer "${printer}"`);
      continue;
    }
    let document;
    try {
      const answer = await fetch(new URL(`/api/print/document?${new URLSearchParams({ job: jobId, journal: journal.id })}`, base), { headers: { authorization: headers.authorization }, signal: AbortSignal.timeout(60_000) });
      if ([404, 409, 410].includes(answer.status)) {
        // The console has said so to whoever scanned.
        journal.note(jobId, 'told');
        log(`${jobId} is not to be printed any more`);
        continue;
      }
      if (!answer.ok) throw new Error(`the console answers ${answer.status}`);
      document = { bytes: Buffer.from(await answer.arrayBuffer()), contentType: (answer.headers.get('content-type') ?? '').split(';')[0] };
    } catch (error) {
      // Nothing has begun: forgotten, it is given again.
      journal.note(jobId, 'told');
      log(`${jobId} could not be fetched: ${error.message}`);
      continue;
    }
    journal.note(jobId, 'begun');
    try {
      await print(document.bytes, { jobId, contentType: document.contentType });
      end('PRINTED');
    } catch (error) {
      end(error instanceof PrinterFailed && error.certain ? 'FAILED' : 'UNKNOWN', `${printer}: ${error.message}`);
    }
  }
  return jobs.length;
};

const main = async () => {
  const { values } = parseArgs({
    options: { console: { type: 'string' }, station: { type: 'string' }, 'token-file': { type: 'string' }, printer: { type: 'string', multiple: true, default: [] }, journal: { type: 'string', default: 'print-journal.jsonl' }, once: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  const token = values['token-file'] ? readFileSync(values['token-file'], 'utf8').trim() : process.env.FLOTILLA_PRINT_TOKEN;
  if (values.help || !values.console || !values.station || !token || values.printer.length === 0) {
    process.stdout.write(`${help}\n`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const journal = new Journal(values.journal);
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());
  const printers = new Map(values.printer.map(printerOf));
  const log = (line) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  let pauseMs = 500;
  while (!stopping.signal.aborted) {
    try {
      const done = await work({ console: values.console, station: values.station, token, journal, printers, waitMs: values.once ? 0 : 20_000, log, signal: stopping.signal });
      pauseMs = 500;
      if (values.once && done === 0) break;
    } catch (error) {
      if (stopping.signal.aborted) break;
      log(`the console cannot be asked: ${error.message}`);
      await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, 10_000);
    }
  }
  journal.close();
};

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) await main();
