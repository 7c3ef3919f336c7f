import { Refused } from '@flotilla/decider';
import { toInstant } from '@flotilla/values';
import { z } from 'zod';
import { withoutPeople } from '../people.js';
import { parse, text } from '../reading.js';
import { scanIdOf } from '../scan-id.js';
import type { Sighting } from '../source.js';
import { manifest } from './manifest.js';
import { meaningOf } from './states.js';

// It writes Beijing time without an offset.
const offset = '+08:00';
const mostScans = 500;

const resultShape = z.looseObject({ nu: text, com: text, state: text, data: z.array(z.unknown()).max(mostScans).nullish() });
const pushShape = z.looseObject({ status: text, message: text, comNew: text, lastResult: resultShape.nullish() });
const scanShape = z.looseObject({ time: text, ftime: text, context: text, statusCode: text, areaName: text, location: text });
const answerShape = z.looseObject({ result: z.boolean().nullish(), returnCode: text, message: text });

/** Our name of a carrier by theirs; undefined if we have none. */
const carrierOf = (com: string): string | undefined => Object.entries(manifest.carriers).find(([, theirs]) => theirs === com)?.[0];

const toSighting = (of: { readonly carrier: string; readonly waybill: string }, entry: unknown, state: string): Sighting => {
  const unreadable = (why: string): Sighting => ({ ...of, scanId: scanIdOf(of.waybill, JSON.stringify(entry)), unreadable: why });
  const { success, data } = scanShape.safeParse(entry);
  if (!success) return unreadable('not a scan');
  const code = data.statusCode === '' ? state : data.statusCode;
  try {
    const occurredAt = toInstant(data.time === '' ? data.ftime : data.time, offset);
    const { milestone, known } = meaningOf(code);
    // Without the code: the newest scan has the parcel's state only as long as it is the newest.
    return { ...of, scan: { scanId: scanIdOf(of.waybill, occurredAt, data.context), occurredAt, code, text: withoutPeople(data.context), place: data.areaName === '' ? data.location : data.areaName, milestone, known } };
  } catch (error) {
    if (error instanceof Refused) return unreadable(error.message);
    throw error;
  }
};

const readResult = ({ nu, com, state, data }: z.infer<typeof resultShape>): readonly Sighting[] => {
  const carrier = carrierOf(com);
  if (carrier === undefined) return [{ carrier: manifest.name, waybill: '', scanId: scanIdOf(nu, com), unreadable: `no carrier of ours is called "${com.slice(0, 40)}" there` }];
  // Newest first; only the newest has the parcel's state where scans have no codes of their own. Ours stand oldest first.
  return (data ?? []).map((entry, at) => toSighting({ carrier, waybill: nu }, entry, at === 0 ? state : '')).toReversed();
};

/** The scans of a push (`param`). `abort`: no news for days; nothing is said about the parcel then. */
export const readPush = (param: string): readonly Sighting[] => {
  const { success, data } = pushShape.safeParse(parse(param, 'param'));
  if (!success) throw new Refused('BAD_JSON', 'param has no status and lastResult');
  return data.lastResult ? readResult(data.lastResult) : [];
};

/** The scans of an answer to a question; none if it knows of none yet. Refused UNAVAILABLE if it said no. */
export const readAnswer = (body: string): readonly Sighting[] => {
  const answer = parse(body, 'the answer');
  const refusal = answerShape.safeParse(answer);
  // 500: nothing is known of this number yet.
  if (refusal.data?.result === false) {
    if (refusal.data.returnCode === '500') return [];
    throw new Refused('UNAVAILABLE', `Kuaidi100 says ${refusal.data.returnCode.slice(0, 20)}`);
  }
  const { success, data } = resultShape.safeParse(answer);
  if (!success) throw new Refused('UNAVAILABLE', 'Kuaidi100 answers with something else than scans');
  return readResult(data);
};

/** What became of a subscription: there (also when it was there already), or not possible for this number. */
export const readSubscription = (body: string): 'there' | 'impossible' => {
  const { success, data } = answerShape.safeParse(parse(body, 'the answer'));
  if (success && (data.result === true || data.returnCode === '501')) return 'there';
  // 700: no such carrier; 701: number and carrier do not fit.
  if (success && ['700', '701'].includes(data.returnCode)) return 'impossible';
  throw new Refused('UNAVAILABLE', `Kuaidi100 says ${data?.returnCode.slice(0, 20) ?? 'nothing known'}`);
};
