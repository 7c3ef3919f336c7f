import type { ServiceContext } from '@flotilla/service-kit';
import { sources } from './registry.js';
import type { SourceConnection } from './source.js';

const connections = new WeakMap<object, ReadonlyMap<string, SourceConnection>>();

/** The sources of a running service, by name. */
export const connected = (ctx: ServiceContext): ReadonlyMap<string, SourceConnection> => {
  const known = connections.get(ctx);
  if (known) return known;
  const made = new Map(
    sources.map((source) => [
      source.manifest.name,
      source.connect({ config: ctx.config as Readonly<Record<string, unknown>>, outside: ctx.outside(`source:${source.manifest.name}`, source.manifest.outside), now: () => ctx.clock.machine() }),
    ]),
  );
  connections.set(ctx, made);
  return made;
};
