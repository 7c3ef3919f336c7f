import { Refused } from '@flotilla/decider';
import { CONTEXT, Describe, type ServiceContext } from '@flotilla/service-kit';
import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { connected } from '../sources/connected.js';
import { take } from '../sources/take.js';

interface Reply {
  header(name: string, value: string): Reply;
  send(body: string): unknown;
}

/** `POST /v1/sources/sf/routes`: a carrier pushes scans. Answered when they are kept; until then the carrier pushes again. */
@Controller('v1/sources')
export class RoutesController {
  constructor(@Inject(CONTEXT) private readonly ctx: ServiceContext) {}

  @Describe({
    id: 'pushScans',
    summary: 'A carrier or a tracker pushes scans; answered in its own words when they are kept',
    description: 'sf: a form with msgData, timestamp and msgDigest. kuaidi100: a form with param and sign. track17: JSON, with the header sign.',
    body: { '*/*': {} },
    answers: { 200: ['Kept', { 'application/json': { type: 'object' }, 'text/plain': { type: 'string' } }], 400: 'What is signed cannot be read', 401: 'The signature is missing or wrong', 404: 'No such source pushes here' },
  })
  @Post(':source/routes')
  @HttpCode(200)
  async routes(@Param('source') name: string, @Body() body: Buffer, @Headers() headers: Record<string, string | undefined>, @Res() reply: Reply): Promise<void> {
    const source = connected(this.ctx).get(name);
    if (!source) throw new Refused('NOT_FOUND', `no source ${name} pushes here`);
    const sightings = source.push(body ?? Buffer.alloc(0), headers);
    await take(this.ctx, name, 'push', sightings, this.ctx.meta({ actor: `source:${name}` }));
    reply.header('content-type', source.pushAnswer.contentType).send(source.pushAnswer.body);
  }
}
