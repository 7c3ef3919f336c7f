import type { ServiceContext } from '@flotilla/service-kit';
import { isAbroad } from '../decide/shipment.events.js';
import { sources } from './registry.js';
import type { Source, SourceConnection } from './source.js';

export interface Connected extends SourceConnection {
  readonly source: Source;
}

const connections = new WeakMap<object, ReadonlyMap<string, Connected>>();

/** The sources of a running service that are configured, by name. */
export const connected = (ctx: ServiceContext): ReadonlyMap<string, Connected> => {
  const known = connections.get(ctx);
  if (known) return known;
  const { FLOTILLA_PUBLIC_URL, FLOTILLA_HOST, FLOTILLA_HTTP_PORT } = ctx.config as unknown as { readonly FLOTILLA_PUBLIC_URL?: string; readonly FLOTILLA_HOST: string; readonly FLOTILLA_HTTP_PORT: number };
  const base = (FLOTILLA_PUBLIC_URL ?? `http://${FLOTILLA_HOST}:${FLOTILLA_HTTP_PORT}`).replace(/\/$/, '');
  const made = new Map(
    sources.flatMap((source): [string, Connected][] => {
      const { name, outside } = source.manifest;
      const connection = source.connect({ config: ctx.config as Readonly<Record<string, unknown>>, outside: ctx.outside(`source:${name}`, outside), now: () => ctx.clock.machine(), callback: `${base}/v1/sources/${name}/routes` });
      return connection ? [[name, { ...connection, source }]] : [];
    }),
  );
  connections.set(ctx, made);
  return made;
};

/** Which of them follows a shipment. */
export interface Following {
  readonly source: string;
  /** It must be told to. */
  readonly follow: boolean;
}

/**
 * Abroad, whoever sees across borders; else the one that tells of this carrier alone, else one that tells of several.
 * Undefined: nobody can be asked, only pushes tell. `behind`: a source that cannot follow it; those before it could not either.
 */
export const followerOf = (known: ReadonlyMap<string, Connected>, carrier: string, country: string, behind?: string): Following | undefined => {
  // Its staff tell of it, and nobody else has heard of its numbers.
  if ([...known.values()].some(({ source: { manifest } }) => manifest.batch === 0 && manifest.carriers[carrier] !== undefined)) return undefined;
  const able = [...known.values()].filter(({ source: { manifest } }) => manifest.batch > 0 && (manifest.worldwide || manifest.carriers[carrier] !== undefined));
  const rank = ({ source: { manifest } }: Connected): number => (manifest.worldwide ? (isAbroad(country) ? 0 : 3) : manifest.name === carrier ? 1 : 2);
  const ranked = able.toSorted((a, b) => rank(a) - rank(b));
  const best = ranked[behind === undefined ? 0 : ranked.findIndex(({ source: { manifest } }) => manifest.name === behind) + 1];
  return best && { source: best.source.manifest.name, follow: best.follow !== undefined };
};
