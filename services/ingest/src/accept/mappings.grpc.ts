import { ingest } from '@flotilla/contracts';
import { Refused } from '@flotilla/decider';
import { FormatProbe, tableOf } from '@flotilla/files';
import { serve, type Served } from '@flotilla/service-kit';
import { mask } from '@flotilla/values';
import { mapRows, rowsOf } from '../channels/csv/delivery.js';
import { ordinaryColumns } from '../channels/csv/columns.js';
import { mapBody } from '../channels/generic/delivery.js';
import { compile, type Mapped } from '../channels/mapping.js';
import { fieldMapping } from '../decide/mapping.decider.js';
import type { Ingest } from '../ingest.parts.js';
import { findMapping } from '../query/mappings.query.js';
import { maskedShape, recentOrders } from './recent-orders.js';
import { groupsOf } from '../channels/csv/groups.js';

const largestSample = 256 * 1024;
const shownOrders = 20;

/** What channels' fields mean: put with versions, tried on a sample before. */
export const mappingsGrpc = ({ ctx, channels, keys }: Ingest): Served => {
  const { store, clock } = ctx;
  const known = async (id: string): Promise<string> => {
    if ((await channels.get(id)) === undefined) throw new Refused('UNKNOWN_CHANNEL', `no channel "${id.slice(0, 60)}"; list them with Channels/List`);
    return id;
  };
  const current = async (channel: string): Promise<{ readonly version: number; readonly mapping: ingest.Mapping }> => {
    const state = (await store.folded(fieldMapping, [channel])).get(channel)!.state;
    if (state === null) throw new Refused('NOT_FOUND', `${channel} has no mapping; put one with Mappings/Put`);
    return state;
  };
  return serve(ingest.Mappings, {
    put: async (request, call) => {
      const channel = await known(request.channel);
      const { mapping } = request;
      compile(mapping);
      const orders = request.sample.length === 0 ? [] : await previewOf(mapping, request.sample);
      if (request.dryRun) return { version: 0, orders };
      const { answer } = await store.execute(
        {
          streams: [[fieldMapping, channel]],
          meta: call.meta,
          decide: (unit) => {
            unit.run(fieldMapping, channel, { type: 'PutMapping', data: { channel, mapping, at: clock.machine().toISOString(), who: call.meta.actor } });
            return unit.state(fieldMapping, channel)!.version;
          },
        },
        call.request(request),
      );
      channels.forget(channel);
      return { version: answer, orders };
    },
    get: async ({ channel: id, version }) => {
      const channel = await known(id);
      const wanted = version || (await current(channel)).version;
      const found = await findMapping(store, channel, wanted);
      if (found === undefined) throw new Refused('NOT_FOUND', `${channel} has no mapping of version ${version}`);
      return { channel, version: wanted, mapping: found.mapping, putAt: found.at, putBy: found.who };
    },
    preview: async ({ channel: id, mapping, sample }) => {
      const channel = await known(id);
      return { orders: await previewOf(mapping.fields.length > 0 ? mapping : (await current(channel)).mapping, sample) };
    },
    recent: async ({ channel: id, mapping: wanted, size }) => {
      const channel = await known(id);
      const isFile = (await channels.get(channel))!.platform === 'csv';
      if (wanted.fields.length > 0) compile(wanted);
      const state = (await store.folded(fieldMapping, [channel])).get(channel)!.state;
      const mapping = wanted.fields.length > 0 ? wanted : (state?.mapping ?? (isFile ? ordinaryColumns : undefined));
      const found = await recentOrders({ ctx, keys }, channel, Math.min(size > 0 ? size : shownOrders, shownOrders));
      const orders = found.map(({ orderId, receivedAt, state: became, bytes }) => ({ orderId, receivedAt, state: became, mapped: mappedAgain(bytes, mapping, isFile) }));
      const newest = found.find(({ bytes }) => bytes !== undefined)?.bytes;
      return { orders, sample: newest === undefined ? new Uint8Array() : sampleOf(newest) };
    },
  });
};

/** What the first orders of a sample become; it is the caller's own, and nothing of it is kept. */
const previewOf = async (mapping: ingest.Mapping, sample: Uint8Array): Promise<readonly ingest.MappedOrder[]> => {
  if (sample.length > largestSample) throw new Refused('TOO_LARGE', `a sample has at most ${largestSample / 1024} KiB`);
  compile(mapping);
  const mapped: Mapped[] = [];
  if (/^[\s\ufeff]*[[{]/.test(Buffer.from(sample.subarray(0, 200)).toString('utf8'))) mapped.push(...mapBody(sample, mapping).slice(0, shownOrders));
  else {
    const probe = new FormatProbe();
    probe.push(sample);
    for await (const { rows } of groupsOf(tableOf({ ...probe.end(), read: () => whole(sample) }), mapping)) {
      if (mapped.length === shownOrders) break;
      mapped.push(mapRows(rows, mapping));
    }
  }
  return mapped.map(toShown);
};

const nothingOf = (reason: string, detail: string): ingest.MappedOrder => ({ channelOrderId: '', reason, detail, fields: [] });

// Of people who have not asked to be looked at: what may be theirs is masked.
const mappedAgain = (bytes: Uint8Array | undefined, mapping: ingest.Mapping | undefined, isFile: boolean): ingest.MappedOrder => {
  if (bytes === undefined) return nothingOf('SUBJECT_ERASED', 'the person’s data was erased');
  if (mapping === undefined) return nothingOf('BAD_MAPPING', 'there is no mapping yet');
  try {
    const [mapped] = isFile ? [mapRows(rowsOf(bytes), mapping)] : mapBody(bytes, mapping);
    if (!mapped) return nothingOf('CONTRACT_VIOLATED', 'there is no order in it');
    const personal = new Set([...personalFields, ...mapping.custom.filter((one) => one.personal).map(({ name }) => `custom.${name}`)]);
    const { fields, ...order } = toShown(mapped);
    return { ...order, fields: fields.map((field) => (personal.has(field.field) ? { ...field, value: mask(field.value) } : field)) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return nothingOf(error.reason, error.message);
  }
};

const personalFields = ['name', 'phone', 'email', 'buyer_id', 'company', 'street', 'remark'];

// As JSON reads it: what people drag are names and shapes. What is none is shown to nobody.
const sampleOf = (bytes: Uint8Array): Uint8Array => {
  try {
    return Buffer.from(JSON.stringify(maskedShape(JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown)));
  } catch {
    return new Uint8Array();
  }
};

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const toShown = ({ read, found, problems }: Mapped): ingest.MappedOrder => {
  const wrong = new Map(problems.map((problem) => [problem.field, problem]));
  const shown = (field: string, text: string, where: string): ingest.MappedField => {
    const { reason = '', detail = '' } = wrong.get(field) ?? {};
    wrong.delete(field);
    return { field, value: text, from: where, reason, detail };
  };
  const fields = [
    ...Object.entries(found.order).map(([field, { text, where }]) => shown(field, text, where)),
    ...found.lines.flatMap((line, at) => Object.entries(line).map(([field, { text, where }]) => shown(`lines[${at}].${field}`, text, where))),
    ...found.custom.map(({ name, value }) => shown(`custom.${name}`, value, '')),
  ];
  // What has no rule at all can be missing, too.
  fields.push(...[...wrong.values()].map(({ field, reason, detail }) => ({ field, value: '', from: '', reason, detail })));
  const [first] = problems;
  return { channelOrderId: read.channelOrderId, reason: first?.reason ?? '', detail: first?.detail ?? '', fields };
};
