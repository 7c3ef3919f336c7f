import type { Recorded } from '@flotilla/event-store';
import { createMailer } from '@flotilla/notify';
import { BadConfiguration, type ServiceContext, type ServiceParts } from '@flotilla/service-kit';
import { z } from 'zod';
import { takeAnswers } from './accept/suppliers/answers.js';
import { supplierReleases, supplierRequestHandlers } from './accept/suppliers/requests.js';
import { suppliersGrpc } from './accept/suppliers/suppliers.grpc.js';
import { videoUploads } from './accept/suppliers/video-uploads.controller.js';
import { lookAtOffer } from './coordinate/suppliers/participant.js';
import { offerJobs, offerTimers, type OfferLook } from './coordinate/suppliers/timers.js';
import { offer } from './decide/suppliers/offer.decider.js';
import { pollPlaces } from '@flotilla/files';
import { openMediaStore, photo, video, type MediaStore } from './perform/media.js';
import { messagePerformer } from './perform/suppliers/message.performer.js';
import { connectSupplierFiles, supplierFilesSetting } from './perform/suppliers/sftp.js';
import { supplierOffers } from './project/suppliers/offers.projection.js';
import { mediaByLink } from './query/media.controller.js';
import { offerToken, videoToken } from './query/suppliers/link.js';
import { supplierPortal } from './query/suppliers/portal.js';

const isKey = (text: string): boolean => Buffer.from(text, 'base64').length === 32;

const secretsOf = (text: string): Readonly<Record<string, string>> | undefined => {
  try {
    return z.record(z.string(), z.string().min(16)).parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

export const suppliersConfig = {
  FLOTILLA_LINK_KEY: z.string().refine(isKey, 'must be 32 bytes in base64').optional().describe('signs the links to suppliers’ pages; without it no supplier can be described'),
  FLOTILLA_PUBLIC_URL: z.string().url().optional().describe('where suppliers reach this service; its own address where absent'),
  FLOTILLA_SMTP_URL: z.string().url().default('smtp://127.0.0.1:8111').describe('server that takes the mails to suppliers'),
  FLOTILLA_MAIL_FROM: z.string().min(3).default('Flotilla <no-reply@flotilla.test>').describe('sender of the mails to suppliers'),
  FLOTILLA_SUPPLIER_SECRETS: z.string().default('{}').refine((text) => secretsOf(text) !== undefined, 'must be a JSON object of texts of at least 16 characters').describe('secrets that sign offers sent by API, JSON by name; secret'),
  FLOTILLA_SUPPLIER_FILES: supplierFilesSetting,
  FLOTILLA_SUPPLIER_FILES_SECONDS: z.coerce.number().min(0.1).max(86_400).default(60).describe('how often the answers of suppliers that have files alone are looked for'),
  FLOTILLA_VIDEO_DIR: z.string().min(1).optional().describe('folder, or a volume that replicas share, in which packing videos and photos are kept; without it none are taken'),
  FLOTILLA_VIDEO_MAX_MIB: z.coerce.number().int().min(1).max(4_096).default(200).describe('the largest packing video, in MiB'),
  FLOTILLA_PHOTO_MAX_MIB: z.coerce.number().int().min(1).max(100).default(10).describe('the largest photo of a pack station, in MiB'),
  FLOTILLA_SUPPLIER_LINK_DAYS: z.coerce.number().min(1).max(365).default(30).describe('how long a link to a supplier’s page is good (machine time)'),
} as const;

type SuppliersContext = ServiceContext<z.infer<z.ZodObject<typeof suppliersConfig>>>;

const TIMEOUT_MS = 10_000;
/** How long an operator's link to a video or photo is good. */
const VIDEO_LINK_MS = 3_600_000;

const opened = (medium: typeof video, folder: string, mebibytes: number, now: () => Date): Promise<MediaStore> =>
  openMediaStore(medium, folder, mebibytes * 1024 * 1024, now).catch((error: Error) => {
    throw new BadConfiguration(`FLOTILLA_VIDEO_DIR: nothing can be kept in ${folder}: ${error.message}`);
  });

/** All that allocation does about suppliers that send goods themselves. */
export const suppliersParts = async (ctx: SuppliersContext) => {
  const { store, config, clock } = ctx;
  const business = (): string => clock.business().toISOString();
  const key = config.FLOTILLA_LINK_KEY === undefined ? undefined : Buffer.from(config.FLOTILLA_LINK_KEY, 'base64');
  const base = (config.FLOTILLA_PUBLIC_URL ?? `http://${config.FLOTILLA_HOST}:${config.FLOTILLA_HTTP_PORT}`).replace(/\/$/, '');
  const secrets = secretsOf(config.FLOTILLA_SUPPLIER_SECRETS) ?? {};
  const mailer = createMailer(config.FLOTILLA_SMTP_URL, config.FLOTILLA_MAIL_FROM);
  const files = new Map(Object.entries(config.FLOTILLA_SUPPLIER_FILES).map(([id, server]) => [id, connectSupplierFiles(server)]));
  const answering = { store, at: business, meta: (actor: string) => ctx.meta({ actor }) };
  const collecting = pollPlaces({
    places: files, everyMs: config.FLOTILLA_SUPPLIER_FILES_SECONDS * 1_000, log: ctx.log, close: (folder) => folder.close(),
    look: (id, folder, signal) => folder.collect((name, content, sha256) => takeAnswers(answering, id, name, content, sha256), signal),
  });
  const openStore = async (medium: typeof video, mebibytes: number): Promise<MediaStore | undefined> => (config.FLOTILLA_VIDEO_DIR === undefined ? undefined : opened(medium, config.FLOTILLA_VIDEO_DIR, mebibytes, () => clock.machine()));
  const videos = await openStore(video, config.FLOTILLA_VIDEO_MAX_MIB);
  const photos = await openStore(photo, config.FLOTILLA_PHOTO_MAX_MIB);
  const mediaUrl = (sha256: string): string => (key && videos ? `${base}/v/${videoToken(key, sha256, new Date(clock.machine().getTime() + VIDEO_LINK_MS))}` : '');
  const linkOf = (lockId: string): string => {
    if (!key) throw new Error('there are offers and no FLOTILLA_LINK_KEY to sign their links with');
    return `${base}/s/${offerToken(key, lockId, new Date(clock.machine().getTime() + config.FLOTILLA_SUPPLIER_LINK_DAYS * 86_400_000))}`;
  };
  return {
    handlers: supplierRequestHandlers(business),
    consumer: supplierReleases(business),
    grpc: suppliersGrpc(ctx, { portal: key !== undefined, secrets: new Set(Object.keys(secrets)), files: new Set(files.keys()), videoUrl: mediaUrl }),
    controllers: key ? [supplierPortal(ctx, key, videos), ...(videos ? [mediaByLink(ctx, key, videos), videoUploads(ctx, videos, secrets)] : [])] : [],
    /** Photos of our own pack stations lie beside the videos of suppliers. */
    photos: { store: photos, urlOf: mediaUrl },
    timers: (event: Recorded) => offerTimers(event),
    /** The time of an offer is over; `since`: not before this (business time). */
    fire: async ({ kind, lockId }: OfferLook, since: string, meta: ReturnType<typeof ctx.meta>): Promise<void> =>
      void (await store.execute({ streams: [[offer, lockId]], meta, decide: (unit) => lookAtOffer(unit, lockId, kind, since) })),
    jobs: (event: Recorded) => offerJobs(event),
    performers: { supplier: messagePerformer(ctx, { mailer, secrets, linkOf, files, timeoutMs: TIMEOUT_MS }) } satisfies ServiceParts['performers'],
    follower: supplierOffers,
    stop: async (): Promise<void> => {
      mailer.close();
      await collecting.stop();
    },
  };
};
