import { Refused } from '@flotilla/decider';
import { toInstant } from '@flotilla/values';
import { z } from 'zod';
import { withoutPeople } from '../people.js';
import { parse, text } from '../reading.js';
import { scanIdOf } from '../scan-id.js';
import type { Sighting } from '../source.js';
import { manifest } from './manifest.js';
import { meaningOfStage, meaningOfStatus } from './stages.js';

const mostScans = 500;

const eventShape = z.looseObject({ time_utc: text, time_iso: text, description: text, location: text, stage: text, sub_status: text });
const infoShape = z.looseObject({
  latest_status: z.looseObject({ status: text, sub_status: text }).nullish(),
  tracking: z.looseObject({ providers: z.array(z.looseObject({ events: z.array(z.unknown()).max(mostScans).nullish() })).max(10).nullish() }).nullish(),
});
const trackShape = z.looseObject({ number: text, carrier: text, tag: text, track_info: infoShape.nullish() });
const pushShape = z.looseObject({ event: text, data: trackShape });
const answerShape = z.looseObject({
  code: z.number(),
  data: z.looseObject({ accepted: z.array(z.unknown()).nullish(), rejected: z.array(z.looseObject({ number: text, error: z.looseObject({ code: z.number() }).nullish() })).nullish() }).nullish(),
});

// The carrier is in the tag that we gave with the number; a number of which the tag is lost goes by its own carrier.
const carrierOf = (tag: string, carrier: string): string | undefined => (/^[a-z0-9_]{1,30}$/.test(tag) ? tag : Object.entries(manifest.carriers).find(([, theirs]) => theirs === carrier)?.[0]);

const toSighting = (of: { readonly carrier: string; readonly waybill: string }, entry: unknown, latest: { readonly status: string; readonly sub_status: string } | undefined): Sighting => {
  const unreadable = (why: string): Sighting => ({ ...of, scanId: scanIdOf(of.waybill, JSON.stringify(entry)), unreadable: why });
  const { success, data } = eventShape.safeParse(entry);
  if (!success) return unreadable('not an event');
  const { time_utc, time_iso, description, location, stage } = data;
  if (time_utc === '' && time_iso === '') return unreadable('an event without a time');
  try {
    // An iso time without an offset would be a guess: refused, and kept as unreadable.
    const occurredAt = toInstant(time_utc === '' ? time_iso : time_utc);
    const { milestone, known } = stage === '' && latest ? meaningOfStatus(latest.status, latest.sub_status) : meaningOfStage(stage);
    const code = stage !== '' ? stage : latest ? (latest.sub_status === '' ? latest.status : latest.sub_status) : '';
    return { ...of, scan: { scanId: scanIdOf(of.waybill, occurredAt, description, location), occurredAt, code, text: withoutPeople(description), place: location, milestone, known } };
  } catch (error) {
    if (error instanceof Refused) return unreadable(error.message);
    throw error;
  }
};

const readTrack = ({ number, carrier: theirs, tag, track_info: info }: z.infer<typeof trackShape>): readonly Sighting[] => {
  const carrier = carrierOf(tag, theirs);
  if (carrier === undefined) return [{ carrier: manifest.name, waybill: '', scanId: scanIdOf(number, theirs), unreadable: `it says nothing of ours: tag "${tag.slice(0, 40)}", carrier ${theirs.slice(0, 20)}` }];
  // Newest first within a provider; the last mile is the second one. Ours stand oldest first.
  const events = (info?.tracking?.providers ?? []).flatMap(({ events: all }) => all ?? []);
  const timeOf = (entry: unknown): string => eventShape.safeParse(entry).data?.time_utc ?? '';
  const newest = events.toSorted((a, b) => (timeOf(a) > timeOf(b) ? -1 : timeOf(a) < timeOf(b) ? 1 : 0))[0];
  return events.map((entry) => toSighting({ carrier, waybill: number }, entry, entry === newest ? (info?.latest_status ?? undefined) : undefined)).toReversed();
};

/** The scans of a push. TRACKING_STOPPED says that it follows no more, and nothing about the parcel. */
export const readPush = (body: string): readonly Sighting[] => {
  const { success, data } = pushShape.safeParse(parse(body, 'the push'));
  if (!success) throw new Refused('BAD_JSON', 'the push has no event and data');
  return data.event === 'TRACKING_STOPPED' ? [] : readTrack(data.data);
};

const readAnswerOf = (body: string): z.infer<typeof answerShape> => {
  const { success, data } = answerShape.safeParse(parse(body, 'the answer'));
  if (!success || data.code !== 0) throw new Refused('UNAVAILABLE', `17TRACK says ${success ? data.code : 'nothing known'}`);
  return data;
};

/** The scans of an answer of gettrackinfo. */
export const readAnswer = (body: string): readonly Sighting[] =>
  (readAnswerOf(body).data?.accepted ?? []).flatMap((entry) => {
    const track = trackShape.safeParse(entry);
    return track.success ? readTrack(track.data) : [];
  });

// Registered before: it is followed.
const registered = -18_019_901;

/** The numbers that a registration refused for good. */
export const readRegistration = (body: string): readonly string[] => (readAnswerOf(body).data?.rejected ?? []).flatMap(({ number, error }) => (error?.code === registered ? [] : [number]));
