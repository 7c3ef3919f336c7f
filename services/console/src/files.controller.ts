import { Readable } from 'node:stream';
import { Refused } from '@flotilla/decider';
import { CONTEXT, Describe, json, rateLimit, TakesStream, type Upload } from '@flotilla/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Console } from './console.js';
import { requestOf } from './fleet.js';
import { mayTake, type Guarded, type GuardedReply } from './guard.js';
import type { Method } from './methods.js';
import { present } from './present.js';

const largestUpload = 64 * 1024 * 1024;
/** Of one message to a service; more would not pass its door. */
const chunkBytes = 256 * 1024;

const bytes = 12; // of google.protobuf.FieldDescriptorProto.Type

const bytesField = ({ desc }: Method, side: 'input' | 'output'): string | undefined => desc[side].fields.find((field) => field.fieldKind === 'scalar' && (field.scalar as number) === bytes)?.localName;

@Controller('api/files')
export class FilesController {
  private readonly often = rateLimit({ most: 300, now: Date.now });

  constructor(@Inject(CONTEXT) private readonly console: Console) {}

  @Describe({ id: 'file', summary: 'What a method answers in bytes, as a file', query: { request: { type: 'string' } }, answers: { 200: ['The file', { '*/*': {} }], 401: 'Nobody is signed in', 403: 'Not with these roles', 404: 'It is not there', 409: 'Not in this state', 500: 'Something went wrong on our side' } })
  @Get(':service/:method')
  async get(@Param('service') service: string, @Param('method') name: string, @Query('request') asked: string | undefined, @Req() request: Guarded, @Res() reply: GuardedReply): Promise<void> {
    const person = request.person!;
    const { fleet } = this.console;
    const method = fleet.method(`${service}/${name}`, person);
    const field = bytesField(method, 'output');
    if (!field || !method.file) throw new Refused('BAD_REQUEST', 'this method answers no file');
    this.notTooOften(person.user);
    mayTake(request, method.deadlineMs);
    const answer = fleet.call(method, requestOf(method, jsonOf(asked)), person);
    const [first, chunks] = method.desc.methodKind === 'unary' ? await whole(answer as Promise<Answer>, field) : await begun(answer as AsyncIterable<Answer>, field);
    const type = textOf(first['contentType']) || method.file.type;
    const file = textOf(first['filename']) || named(method.file.name, type);
    void reply.header('content-type', type).header('content-disposition', `${type === 'application/pdf' ? 'inline' : 'attachment'}; filename="${file}"; filename*=UTF-8''${encodeURIComponent(file)}`);
    // What was printed or exported may hold anything: as a document of its own it runs nothing.
    void reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    reply.send(Readable.from(chunks, { objectMode: false, highWaterMark: chunkBytes }));
  }

  @Describe({ id: 'upload', summary: 'Takes a file for a method that imports', query: { meta: { type: 'string' } }, body: { 'application/octet-stream': {} }, answers: { 200: ['Its report', json({ type: 'object' })], 401: 'Nobody is signed in', 403: 'Not with these roles', 404: 'What it is about is not there', 409: 'Not in this state', 500: 'Something went wrong on our side' } })
  @TakesStream(largestUpload)
  @Post(':service/:method')
  @HttpCode(200)
  async take(@Param('service') service: string, @Param('method') name: string, @Query('meta') meta: string | undefined, @Body() upload: Upload | undefined, @Req() request: Guarded): Promise<unknown> {
    const person = request.person!;
    const { fleet } = this.console;
    const content = upload?.bytes ?? Readable.from([]);
    try {
      const method = fleet.method(`${service}/${name}`, person);
      const field = bytesField(method, 'input');
      if (!field || method.desc.methodKind !== 'client_streaming') throw new Refused('BAD_REQUEST', 'this method takes no file');
      this.notTooOften(person.user);
      mayTake(request, method.deadlineMs);
      const first = requestOf(method, jsonOf(meta));
      return await present(method, await (fleet.call(method, parts(first, field, content), person) as Promise<unknown>), person, (texts) => this.console.open(texts));
    } finally {
      content.destroy();
    }
  }

  private notTooOften(user: string): void {
    if (!this.often(user)) throw new Refused('OVERLOADED', 'too many files within a minute');
  }
}

type Answer = Readonly<Record<string, unknown>>;

async function* parts(first: Answer, field: string, content: AsyncIterable<Buffer>): AsyncGenerator<Answer> {
  yield first;
  for await (const chunk of content) for (let at = 0; at < chunk.length; at += chunkBytes) yield { [field]: chunk.subarray(at, at + chunkBytes) };
}

const whole = async (answer: Promise<Answer>, field: string): Promise<readonly [Answer, Iterable<Buffer>]> => {
  const message = await answer;
  return [message, [Buffer.from(message[field] as Uint8Array)]];
};

// The first part is waited for: until then a refusal can be told as one.
const begun = async (answer: AsyncIterable<Answer>, field: string): Promise<readonly [Answer, AsyncIterable<Buffer>]> => {
  const stream = answer[Symbol.asyncIterator]();
  const first = await stream.next();
  const piece = ({ [field]: data }: Answer): Buffer => Buffer.from((data as Uint8Array | undefined) ?? []);
  const rest = async function* (): AsyncGenerator<Buffer> {
    try {
      for (let part = first; !part.done; part = await stream.next()) if (piece(part.value).length > 0) yield piece(part.value);
    } finally {
      await stream.return?.();
    }
  };
  return [(first.done ? {} : first.value) as Answer, rest()];
};

const textOf = (value: unknown): string => (typeof value === 'string' && /^[\w.+ ;=/-]{1,100}$/.test(value) ? value : '');
const endings: Readonly<Record<string, string>> = { 'application/pdf': 'pdf', 'application/json': 'json', 'x-application/zpl': 'zpl', 'text/plain': 'txt' };
const named = (name: string, type: string): string => (name.includes('.') ? name : `${name}.${endings[type.split(';')[0]!] ?? 'zpl'}`);

const jsonOf = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text || '{}');
  } catch {
    throw new Refused('BAD_JSON', 'what is asked is no JSON');
  }
};
