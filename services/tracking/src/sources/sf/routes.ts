import { Refused } from '@flotilla/decider';
import { toInstant } from '@flotilla/values';
import { z } from 'zod';
import { withoutPeople } from '../people.js';
import { parse, text } from '../reading.js';
import { scanIdOf } from '../scan-id.js';
import type { Sighting } from '../source.js';
import { manifest } from './manifest.js';
import { meaningOf } from './op-codes.js';

// SF writes Beijing time without an offset.
const offset = '+08:00';
// Of one push, and of one answer. Each is kept, readable or not.
const mostRoutes = 1_000;

const routeShape = z.looseObject({ acceptTime: text, acceptAddress: text, opCode: text, remark: text, secondaryStatusCode: text });
const pushShape = z.looseObject({ Body: z.looseObject({ WaybillRoute: z.array(z.unknown()) }) });
const pushedShape = z.looseObject({ mailno: text });
const answerShape = z.looseObject({ apiResultCode: text, apiErrorMsg: text, apiResultData: z.string().catch('') });
const resultShape = z.looseObject({ success: z.boolean(), errorCode: text, msgData: z.looseObject({ routeResps: z.array(z.looseObject({ mailNo: text, routes: z.array(z.unknown()).nullish() })) }).nullish() });

const toSighting = (waybill: string, route: unknown): Sighting => {
  const unreadable = (why: string): Sighting => ({ carrier: manifest.name, waybill, scanId: scanIdOf(waybill, JSON.stringify(route)), unreadable: why });
  const { success, data } = routeShape.safeParse(route);
  if (!success) return unreadable('not a route');
  if (data.opCode === '') return unreadable('no opCode');
  try {
    const occurredAt = toInstant(data.acceptTime, offset);
    const { milestone, known } = meaningOf(data.opCode, data.remark, data.secondaryStatusCode);
    return { carrier: manifest.name, waybill, scan: { scanId: scanIdOf(waybill, occurredAt, data.opCode, data.remark), occurredAt, code: data.opCode, text: withoutPeople(data.remark), place: data.acceptAddress, milestone, known } };
  } catch (error) {
    if (error instanceof Refused) return unreadable(error.message);
    throw error;
  }
};

/** The routes of a push (`msgData` of RoutePushService), in the order in which they stand there. */
export const readPush = (msgData: string): readonly Sighting[] => {
  const { success, data } = pushShape.safeParse(parse(msgData, 'msgData'));
  if (!success) throw new Refused('BAD_JSON', 'msgData has no Body.WaybillRoute');
  if (data.Body.WaybillRoute.length > mostRoutes) throw new Refused('TOO_LARGE', `a push has at most ${mostRoutes} routes`);
  return data.Body.WaybillRoute.map((route) => toSighting(pushedShape.safeParse(route).data?.mailno ?? '', route));
};

/** The routes of an answer of EXP_RECE_SEARCH_ROUTES. Refused UNAVAILABLE if the gateway or the service said no. */
export const readAnswer = (body: string): readonly Sighting[] => {
  const outer = answerShape.safeParse(parse(body, 'the answer'));
  if (!outer.success || outer.data.apiResultCode !== 'A1000') throw new Refused('UNAVAILABLE', `SF's gateway says ${outer.data?.apiResultCode.slice(0, 20) ?? 'nothing known'} ${outer.data?.apiErrorMsg.slice(0, 200) ?? ''}`.trim());
  const inner = resultShape.safeParse(parse(outer.data.apiResultData, 'apiResultData'));
  if (!inner.success || !inner.data.success || !inner.data.msgData) throw new Refused('UNAVAILABLE', `SF says ${inner.data?.errorCode.slice(0, 20) ?? 'nothing known'}`);
  const found = inner.data.msgData.routeResps.flatMap(({ mailNo, routes }) => (routes ?? []).map((route) => [mailNo, route] as const));
  if (found.length > mostRoutes) throw new Refused('TOO_LARGE', `SF answers with more than ${mostRoutes} routes`);
  return found.map(([mailNo, route]) => toSighting(mailNo, route));
};
