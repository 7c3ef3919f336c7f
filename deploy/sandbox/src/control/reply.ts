import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

/** A body by schema, or a 400 that says what is wrong. */
export class BadRequest extends Error {
  readonly statusCode = 400;
}

export function body<T extends z.ZodType>(request: FastifyRequest, schema: T): z.infer<T> {
  const text = Buffer.isBuffer(request.body) ? request.body.toString() : '';
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw new BadRequest('the body is not JSON');
  }
  const read = schema.safeParse(value);
  if (!read.success) throw new BadRequest(z.prettifyError(read.error));
  return read.data;
}

export const param = (request: FastifyRequest, name: string): string => (request.params as Record<string, string>)[name] ?? '';
export const query = (request: FastifyRequest, name: string): string | undefined => (request.query as Record<string, string | undefined>)[name];

export const missing = (reply: FastifyReply, what: string): FastifyReply => reply.code(404).send({ error: what });

/** `after` and `limit` of a paged list. */
export function pageOf(request: FastifyRequest, most: number): { after: number; limit: number } {
  const whole = (name: string, otherwise: number): number => {
    const value = Number(query(request, name) ?? otherwise);
    if (!Number.isInteger(value) || value < 0) throw new BadRequest(`${name} is a whole number`);
    return value;
  };
  return { after: whole('after', 0), limit: Math.min(most, Math.max(1, whole('limit', most))) };
}
