import { Refused } from '@flotilla/decider';
import { CONTEXT, Describe, json, rateLimit } from '@flotilla/service-kit';
import { Body, Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { asked, type Console } from './console.js';
import { mayTake, type Guarded } from './guard.js';
import { may, seePersonalData } from './methods.js';

const refusals = { 400: 'The request is none of the method', 401: 'Nobody is signed in', 403: 'Not with these roles', 404: 'What is asked for is not there', 409: 'Not in this state', 422: 'The request_id was used with another body', 500: 'Something went wrong on our side', 504: 'No answer in time' };

@Controller('api')
export class RpcController {
  private readonly mayReveal = rateLimit({ most: 60, now: Date.now });

  constructor(@Inject(CONTEXT) private readonly console: Console) {}

  @Describe({ id: 'rpc', summary: 'Asks a method of a service, as the one who is signed in', body: json({ type: 'object' }), answers: { 200: ['The answer', json({ type: 'object' })], ...refusals } })
  @Post('rpc/:service/:method')
  @HttpCode(200)
  async rpc(@Param('service') service: string, @Param('method') name: string, @Body() body: Buffer | undefined, @Req() request: Guarded): Promise<unknown> {
    const person = request.person!;
    const method = this.console.fleet.method(`${service}/${name}`, person);
    mayTake(request, method.deadlineMs);
    return asked(this.console, method, jsonOf(body), person);
  }

  @Describe({
    id: 'reveal',
    summary: 'The same as rpc of a read, with personal data in clear; noted, and not often',
    body: json({ type: 'object', required: ['method', 'request', 'reason'], properties: { method: { type: 'string' }, request: { type: 'object' }, reason: { type: 'string', minLength: 1, maxLength: 200 } } }),
    answers: { 200: ['The answer', json({ type: 'object' })], ...refusals },
  })
  @Post('reveal')
  @HttpCode(200)
  async reveal(@Body() body: Buffer | undefined, @Req() guarded: Guarded): Promise<unknown> {
    const person = guarded.person!;
    const { method: name, request, reason } = jsonOf(body) as Readonly<Record<string, unknown>>;
    if (typeof name !== 'string' || typeof reason !== 'string' || reason.trim() === '' || reason.length > 200) throw new Refused('BAD_REQUEST', 'name the method, and in at most 200 characters the reason');
    if (!may(person, { roles: seePersonalData })) throw new Refused('ROLE_MISSING', 'none of your roles sees personal data');
    const method = this.console.fleet.method(name, person);
    if (method.kind !== 'read') throw new Refused('BAD_REQUEST', 'only what is read can be shown in clear');
    if (!this.mayReveal(person.user)) throw new Refused('OVERLOADED', 'too much was shown in clear within a minute');
    return asked(this.console, method, request, person, { reason });
  }
}

const jsonOf = (body: Buffer | undefined): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body ?? Buffer.from('')));
  } catch {
    throw new Refused('BAD_JSON', 'the body is no JSON');
  }
};
