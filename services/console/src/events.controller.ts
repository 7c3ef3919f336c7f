import { CONTEXT, Describe } from '@flotilla/service-kit';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { Console } from './console.js';
import type { Guarded, GuardedReply } from './guard.js';

@Controller('api/events')
export class EventsController {
  constructor(@Inject(CONTEXT) private readonly console: Console) {}

  @Describe({
    id: 'events',
    summary: 'What is being written, as server-sent events',
    description: '`change`: a list of {service, stream, category, id, types, position}. `hello`: something may have been missed; ask again what is shown. With Last-Event-ID it goes on where it was cut off.',
    headers: { 'last-event-id': { type: 'string' } },
    answers: { 200: ['Without end', { 'text/event-stream': { type: 'string' } }], 401: 'Nobody is signed in', 403: 'Not from a page of ours', 429: 'Too many pages are open' },
  })
  @Get()
  events(@Req() request: Guarded, @Res() reply: GuardedReply): void {
    const { raw } = reply;
    let begun = false;
    const sink = {
      write: (text: string): boolean => {
        if (!begun) {
          begun = true;
          reply.hijack();
          raw.writeHead(200, { ...reply.getHeaders(), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
        }
        return raw.write(text);
      },
      once: (event: 'drain', listener: () => void) => raw.once(event, listener),
      end: () => raw.end(),
    };
    const leave = this.console.changes.open(request.person!, sink, request.headers['last-event-id']);
    raw.once('close', leave);
  }
}
