// A collector for demo and tests: takes OTLP over http/json and writes one line of JSON per span.
import { createWriteStream, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { onEnd } from './ending.ts';

export interface SinkSpan {
  readonly service: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface Sink {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  spans(): Promise<SinkSpan[]>;
  stop(): Promise<void>;
}

interface Value {
  stringValue?: string;
  intValue?: string | number;
  doubleValue?: number;
  boolValue?: boolean;
  arrayValue?: { values?: Value[] };
}
interface Attribute {
  key: string;
  value: Value;
}
interface Body {
  resourceSpans?: {
    resource?: { attributes?: Attribute[] };
    scopeSpans?: { spans?: { name: string; kind: number; traceId: string; spanId: string; parentSpanId?: string; links?: { traceId: string; spanId: string }[]; attributes?: Attribute[] }[] }[];
  }[];
}

export async function startSink({ file, port = 0 }: { file: string; port?: number }): Promise<Sink> {
  mkdirSync(dirname(file), { recursive: true });
  const out = createWriteStream(file, { flags: 'w' });
  const written = () => new Promise<void>((resolve) => out.write('', () => resolve()));
  const server = createServer((request, response) => {
    void (async () => {
      const raw = await buffer(request);
      if (request.url === '/v1/traces') {
        const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
        for (const span of toSpans(JSON.parse(text) as Body)) out.write(`${JSON.stringify(span)}\n`);
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    })().catch(() => response.writeHead(400).end());
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const stop = async () => {
    forget();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    if (!out.closed) await new Promise<void>((resolve) => out.end(() => resolve()));
  };
  const forget = onEnd(stop);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    spans: async () => {
      await written();
      return (await readFile(file, 'utf8')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as SinkSpan);
    },
    stop,
  };
}

function toSpans(body: Body): SinkSpan[] {
  return (body.resourceSpans ?? []).flatMap(({ resource, scopeSpans }) => {
    const service = resource?.attributes?.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    return (scopeSpans ?? []).flatMap(({ spans }) =>
      (spans ?? []).map((span) => ({
        service,
        name: span.name,
        kind: span.kind,
        traceId: span.traceId,
        spanId: span.spanId,
        ...(span.parentSpanId ? { parentSpanId: span.parentSpanId } : {}),
        links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
        attributes: toRecord(span.attributes),
      })),
    );
  });
}

function toRecord(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: Value): unknown {
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(toValue);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}
