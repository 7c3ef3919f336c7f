import fastifyStatic from '@fastify/static';
import { BadConfiguration, defineGateway } from '@flotilla/service-kit';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppController, appFolder } from './app.controller.js';
import { Changes } from './changes.js';
import { consoleConfig } from './config.js';
import type { Console } from './console.js';
import { EventsController } from './events.controller.js';
import { FilesController } from './files.controller.js';
import { Fleet } from './fleet.js';
import { guard } from './guard.js';
import { owners } from './methods.js';
import { createOidc } from './oidc.js';
import { PrintController } from './print/print.controller.js';
import { RefusalFilter } from './refusals.js';
import { RpcController } from './rpc.controller.js';
import { SessionController } from './session.controller.js';
import { Sessions } from './sessions.js';

/** The console's gateway: between browsers over HTTP, and the services over gRPC. */
export const consoleGateway = defineGateway({
  name: 'console',
  config: consoleConfig,
  build: (ctx) => {
    const { config, log } = ctx;
    const variables: Readonly<Record<string, unknown>> = config;
    const missing = owners.map((owner) => `FLOTILLA_${owner.toUpperCase().replace('-', '_')}_GRPC`).filter((name) => variables[name] === undefined);
    if (missing.length > 0) throw new BadConfiguration(`The console asks all services, and has no address of some: ${missing.join(', ')}`);
    if (!existsSync(join(appFolder, 'index.html'))) throw new BadConfiguration('The web app is not built: run "npm run build"');
    const sessions = new Sessions(config);
    const changes = new Changes(ctx);
    const context: Console = { ...ctx, fleet: new Fleet(ctx), sessions, changes, oidc: createOidc(config, log) };
    changes.start();
    return {
      context,
      controllers: [RpcController, FilesController, SessionController, EventsController, PrintController, AppController],
      filter: new RefusalFilter(log),
      extend: async (fastify) => {
        await guard({ sessions, publicUrl: config.FLOTILLA_PUBLIC_URL })(fastify);
        await fastify.register(fastifyStatic, { root: appFolder, serve: false, preCompressed: true });
      },
      drain: () => changes.stop(),
    };
  },
});
