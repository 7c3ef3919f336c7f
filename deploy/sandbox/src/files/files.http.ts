import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { body, missing, param } from '../control/reply.js';
import { startSftpServer, type SftpServer } from '../sftp/server.js';

const file = z.strictObject({ path: z.string().regex(/^\/[^\0]+$/), text: z.string() });

/** A merchant's own file server, one per channel: whoever exports orders puts them into /orders. Its levers are below `/_control/files`. */
export function filesApi(app: FastifyInstance, options: { password: string }): { close(): Promise<void> } {
  const servers = new Map<string, SftpServer>();
  app.put('/_control/files/:channel', async (request, reply) => {
    const channel = param(request, 'channel');
    const server = servers.get(channel) ?? (await startSftpServer({ user: channel, password: options.password, folders: ['/orders'] }));
    servers.set(channel, server);
    return reply.code(201).send({ channel, sftpPort: server.port, hostKey: server.hostKey });
  });
  app.post('/_control/files/:channel', async (request, reply) => {
    const server = servers.get(param(request, 'channel'));
    if (!server) return missing(reply, 'no such file server');
    const { path, text } = body(request, file);
    server.put(path, text);
    return reply.code(201).send({ path });
  });
  app.get('/_control/files/:channel', async (request, reply) => {
    const server = servers.get(param(request, 'channel'));
    return server ? { files: server.list() } : missing(reply, 'no such file server');
  });
  return { close: async () => void (await Promise.all([...servers.values()].map((server) => server.close()))) };
}
