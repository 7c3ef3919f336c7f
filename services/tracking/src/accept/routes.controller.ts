import { Refused } from '@flotilla/decider';
import { CONTEXT, type ServiceContext } from '@flotilla/service-kit';
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
