import { allocation as api } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { pageOf, pageToken, repeatable, serve, type Call, type Served, type ServiceContext } from '@flotilla/service-kit';
import { LANES, lanes } from '../decide/routing/lanes.decider.js';
import { inUse, type Model } from '../decide/routing/learn.js';
import { MODEL, model } from '../decide/routing/model.decider.js';
import { completed, problemsOf, type Rules } from '../decide/routing/rules.js';
import { RULES, rules, versionOf, type PutRules, type RulesState } from '../decide/routing/rules.decider.js';
import { isWarehouse } from '../decide/names.js';
import { compareRouters, routingNow } from '../query/routing.query.js';
import { whatIf } from '../query/what-if.query.js';
import { csvRows, rowError } from './csv-rows.js';
import { laneColumns, toLane } from './lane-rows.js';
import { trainRouter } from './training.js';

type Context = Pick<ServiceContext, 'store' | 'pool' | 'clock'>;

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 92;
const SHOWN_ERRORS = 100;

const toVersion = ({ version, rules: set, at, by }: PutRules, state: RulesState): api.RulesVersion => ({ version, active: state.active.version === version, rules: set, putAt: at, putBy: by });

const toModel = (trained: Model | null): api.RouterModel =>
  trained
    ? { version: trained.version, trainedAt: trained.trainedAt, from: trained.from, to: trained.to, samples: trained.samples, heldBack: trained.heldBack, targets: trained.targets, inUse: inUse(trained), cells: Object.keys(trained.cells).length }
    : { version: 0, trainedAt: '', from: '', to: '', samples: 0, heldBack: 0, targets: [], inUse: false, cells: 0 };

const instant = (text: string, otherwise: Date): string => {
  if (text === '') return otherwise.toISOString();
  const time = /^\d{4}-\d{2}-\d{2}T.+(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new Refused('BAD_INSTANT', `"${text.slice(0, 40)}" is no instant such as 2026-11-21T09:30:00Z`);
  return new Date(time).toISOString();
};

// From and to of a question; by default the days before now.
const range = (request: { readonly from: string; readonly to: string }, days: number): { readonly from: string; readonly to: string } => {
  const to = instant(request.to, new Date());
  const from = instant(request.from, new Date(Date.parse(to) - days * DAY_MS));
  if (from > to) throw new Refused('BAD_INSTANT', `from ${from} is after to ${to}`);
  if (Date.parse(to) - Date.parse(from) > LONGEST_DAYS * DAY_MS) throw new Refused('TOO_LARGE', `at most ${LONGEST_DAYS} days at once`);
  return { from, to };
};

const whole = (text: string): boolean => /^\d{1,9}$/.test(text);

/** Rules and lanes as data, what another rule would have done, and the router that learns. */
export const routingGrpc = (context: Context): Served => {
  const { store, pool, clock } = context;
  const at = (): string => clock.business().toISOString();
  const modelNow = async (): Promise<Model | null> => (await store.folded(model, [MODEL])).get(MODEL)!.state;
  const draftOf = ({ draft, rulesVersion }: api.WhatIfRequest, state: RulesState): Rules => {
    if (draft.name === '') {
      const known = rulesVersion === 0 ? state.active : versionOf(state, rulesVersion);
      if (!known) throw new Refused('NOT_FOUND', `no version ${rulesVersion} of the rules`);
      return known;
    }
    const problems = problemsOf(draft);
    if (problems.length > 0) throw new Refused('BAD_RULES', problems.slice(0, 10).map(({ path, detail }) => `${path}: ${detail}`).join('; '));
    return { version: 0, rules: completed(draft) };
  };
  async function* answerWhatIf(request: api.WhatIfRequest, call: Call): AsyncGenerator<api.WhatIfResponse> {
    const [{ rules: state, lanes: table }, learned] = await Promise.all([routingNow(store), modelNow()]);
    if (request.stock.length > 10_000) throw new Refused('TOO_LARGE', 'a stock plan has at most 10000 entries');
    for (const { warehouse, free } of request.stock) {
      if (!isWarehouse(warehouse)) throw new Refused('UNKNOWN_WAREHOUSE', `"${warehouse.slice(0, 40)}" cannot be a warehouse id`);
      if (free < 0) throw new Refused('BAD_QUANTITY', `${free} cannot be free`);
    }
    yield* whatIf(pool, { ...range(request, 7), draft: draftOf(request, state), inForce: state.active, lanes: table, model: learned, stock: request.stock }, call.signal);
  }
  return serve(api.Routing, {
    putRules: async (request, call) => {
      const { rules: set, dryRun } = request;
      if (dryRun) return { version: 0, problems: problemsOf(set) };
      const data = { rules: set, at: at(), by: call.caller };
      const { answer } = await store.execute(
        {
          streams: [[rules, RULES]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(rules, RULES, { type: 'PutRules', data });
            return unit.state(rules, RULES).last;
          },
        },
        repeatable(call, request),
      );
      return { version: answer, problems: [] };
    },
    getRules: async ({ version }) => {
      const { rules: state } = await routingNow(store);
      const found = version === 0 ? state.active : versionOf(state, version);
      if (!found) throw new Refused('NOT_FOUND', `no version ${version} of the rules; list them with Routing/ListRules`);
      return toVersion(found, state);
    },
    listRules: async ({ page }) => {
      const question = ['rules'];
      const { limit, after } = pageOf(page, question);
      if (after && !whole(after[0] ?? '')) throw new Refused('BAD_PAGE_TOKEN', 'page.token does not belong to this list');
      const { rules: state } = await routingNow(store);
      const shown = state.versions.filter(({ version }) => !after || version < Number(after[0])).slice(0, limit);
      const last = shown.at(-1);
      return { rules: shown.map((one) => toVersion(one, state)), nextToken: last && shown.length === limit ? pageToken([String(last.version)], question) : '' };
    },
    activate: async (request, call) => {
      const data = { version: request.version, at: at(), by: call.caller };
      await store.execute({ streams: [[rules, RULES]], meta: call.meta, decide: (unit) => void unit.run(rules, RULES, { type: 'ActivateRules', data }) }, repeatable(call, request));
      const { rules: state } = await routingNow(store);
      return toVersion(state.active, state);
    },
    importLanes: async (chunks, call) => {
      const report = { rows: 0, accepted: 0, refused: 0, errors: [] as api.RowError[] };
      for await (const batch of csvRows(chunks, laneColumns)) {
        report.rows += batch.length;
        const good: api.Lane[] = [];
        for (const row of batch) {
          try {
            const lane = toLane(row);
            lanes.decide({ type: 'SetLanes', data: { lanes: [lane] } }, lanes.initial);
            good.push(lane);
          } catch (error) {
            if (!(error instanceof Refused)) throw error;
            report.refused += 1;
            if (report.errors.length < SHOWN_ERRORS) report.errors.push(rowError(row, error));
          }
        }
        const { answer } = await store.execute({
          streams: [[lanes, LANES]],
          meta: call.meta,
          decide: (unit) => unit.run(lanes, LANES, { type: 'SetLanes', data: { lanes: good } }).reduce((count, { data }) => count + data.lanes.length, 0),
        });
        report.accepted += answer;
      }
      return { ...report, unchanged: report.rows - report.accepted - report.refused };
    },
    listLanes: async ({ page, carrier }) => {
      const { lanes: table } = await routingNow(store);
      const question = ['lanes', carrier];
      const { limit, after } = pageOf(page, question);
      const key = (lane: api.Lane): string => [lane.carrier, lane.service, lane.warehouse, lane.fromProvince, lane.toZone, lane.validFrom].join('\u0001');
      const all = Object.values(table.table).flatMap((from) => Object.values(from).flatMap((to) => Object.values(to).flat()));
      const rest = all
        .filter((lane) => carrier === '' || lane.carrier === carrier)
        .map((lane) => ({ lane, at: key(lane) }))
        .filter((one) => !after || one.at > after[0]!)
        .toSorted((a, b) => (a.at < b.at ? -1 : 1));
      const shown = rest.slice(0, limit);
      const last = shown.at(-1);
      return { lanes: shown.map(({ lane }) => lane), nextToken: last && rest.length > limit ? pageToken([last.at], question) : '', version: table.version };
    },
    whatIf: answerWhatIf,
    train: async (request, call) => toModel((await trainRouter(context, call.meta, repeatable(call, request))).answer),
    getModel: async () => toModel(await modelNow()),
    compareRouters: async (request) => {
      const { from, to } = range(request, 90);
      const currency = request.currency || 'CNY';
      if (!/^[A-Z]{3}$/.test(currency)) throw new Refused('BAD_CURRENCY', `"${currency.slice(0, 10)}" is not an ISO 4217 currency`);
      return compareRouters(pool, from, to, currency);
    },
  });
};
