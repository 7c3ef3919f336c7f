import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { grpcDefinition, ingest } from '@flotilla/contracts';
import { newKey, seal } from '@flotilla/values';
import grpc from '@grpc/grpc-js';
import { SMTPServer } from 'smtp-server';
import { digest } from '../src/sources/sf/digest.js';

export const checkword = 'a-checkword';

/** A route as SF tells it. */
export interface Route {
  readonly acceptTime: string;
  readonly acceptAddress: string;
  readonly opCode: string;
  readonly remark: string;
}

/** The form that SF pushes. */
export const pushForm = (routes: readonly (Route & { readonly mailno: string })[], secret = checkword): URLSearchParams => {
  const msgData = JSON.stringify({ Body: { WaybillRoute: routes.map((route, n) => ({ id: String(n), orderid: 'p', reasonCode: '', ...route })) } });
  return new URLSearchParams({ partnerID: 'P', requestID: 'r', serviceCode: 'RoutePushService', timestamp: '1', msgDigest: digest(msgData, '1', secret), msgData });
};

/** What surrounds tracking: a mail server, SF's gateway, and ingest's keys. */
export interface World {
  readonly env: Readonly<Record<string, string>>;
  readonly mails: { readonly to: readonly string[]; readonly raw: string }[];
  /** How often the mail server says "try again later" to whom. */
  readonly refusals: Map<string, number>;
  /** What SF answers by waybill, and what it was asked. */
  readonly routes: Map<string, readonly Route[]>;
  readonly asked: (readonly string[])[];
  sealFor(subject: string, value: string, field?: 'email' | 'phone'): string;
  stop(): Promise<void>;
}

const listen = (server: Server): Promise<number> => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

export const startWorld = async (): Promise<World> => {
  const mails: World['mails'] = [];
  const refusals: World['refusals'] = new Map();
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const left = refusals.get(to[0] ?? '') ?? 0;
        refusals.set(to[0] ?? '', left - 1);
        if (left > 0) return done(Object.assign(new Error('4.7.0 try again later'), { responseCode: 451 }));
        mails.push({ to, raw: Buffer.concat(chunks).toString('utf8') });
        done(null);
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', () => resolve()));

  const routes: World['routes'] = new Map();
  const asked: World['asked'] = [];
  const sf = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const [msgData, timestamp] = [form.get('msgData') ?? '', form.get('timestamp') ?? ''];
      const right = form.get('partnerID') === 'P' && form.get('msgDigest') === digest(msgData, timestamp, checkword);
      const { trackingNumber = [] } = right ? (JSON.parse(msgData) as { trackingNumber?: string[] }) : {};
      if (right) asked.push(trackingNumber);
      const routeResps = trackingNumber.map((mailNo) => ({ mailNo, routes: (routes.get(mailNo) ?? []).map((route) => ({ ...route, firstStatusCode: '1', secondaryStatusCode: '101' })) }));
      const data = JSON.stringify({ success: true, errorCode: 'S0000', errorMsg: null, msgData: { routeResps } });
      response.end(JSON.stringify({ apiErrorMsg: '', apiResponseID: '1', apiResultCode: right ? 'A1000' : 'A1006', apiResultData: right ? data : '' }));
    });
  });
  const sfPort = await listen(sf);

  const keys = new Map<string, Uint8Array>();
  const grpcServer = new grpc.Server();
  grpcServer.addService(grpcDefinition(ingest.SubjectKeys), {
    get: (call: { request: ingest.GetSubjectKeysRequest }, answer: (error: null, value: ingest.GetSubjectKeysResponse) => void) =>
      answer(null, { keys: call.request.subjects.map((subject) => ({ subject, key: keys.get(subject) ?? new Uint8Array() })) }),
  });
  const grpcPort = await new Promise<number>((resolve, reject) => grpcServer.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port))));

  return {
    mails, refusals, routes, asked,
    env: {
      FLOTILLA_LINK_KEY: randomBytes(32).toString('base64'),
      FLOTILLA_INDEX_KEY: randomBytes(32).toString('base64'),
      FLOTILLA_INGEST_GRPC: `127.0.0.1:${grpcPort}`,
      FLOTILLA_SMTP_URL: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`,
      FLOTILLA_SF_URL: `http://127.0.0.1:${sfPort}/std/service`,
      FLOTILLA_SF_PARTNER_ID: 'P',
      FLOTILLA_SF_CHECKWORD: checkword,
    },
    sealFor: (subject, value, field = 'email') => {
      const key = keys.get(subject) ?? newKey();
      keys.set(subject, key);
      return seal(key, subject, field, value);
    },
    stop: async () => {
      grpcServer.forceShutdown();
      await Promise.all([new Promise<void>((resolve) => smtp.close(() => resolve())), new Promise<void>((resolve) => void sf.close(() => resolve()))]);
    },
  };
};
