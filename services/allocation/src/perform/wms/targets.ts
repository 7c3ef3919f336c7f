import { z } from 'zod';
import { adapters } from './registry.js';
import type { Fetch, WmsConnection, WmsManifest } from './wms.js';

const target = z.looseObject({ adapter: z.string() });

/** FLOTILLA_WMS_TARGETS: `{"<warehouse>": {"adapter": "cloudwms", …}}`; each adapter's README names its settings. */
export const targetsSetting = z
  .string()
  .default('{}')
  .transform((text, context): Readonly<Record<string, unknown>> => {
    try {
      return z.record(z.string().regex(/^[A-Za-z0-9_-]{1,32}$/), target).parse(JSON.parse(text));
    } catch (error) {
      // What stands there is secret: only where it is wrong is said.
      context.addIssue({ code: 'custom', message: `is no JSON of targets by warehouse${error instanceof z.ZodError ? ` (${error.issues.map(({ path }) => path.join('.')).join(', ')})` : ''}` });
      return z.NEVER;
    }
  })
  .describe('warehouse systems by warehouse, as JSON: {"<warehouse>": {"adapter": …, settings of the adapter}}; keep it secret');

/** Connects every target. Throws if one's settings cannot be used: a warehouse without its system must be noticed at the start. */
export const connectTargets = (targets: Readonly<Record<string, unknown>>, options: { readonly fetchOf: (name: string, manifest: WmsManifest) => Fetch; readonly now: () => Date }): ReadonlyMap<string, WmsConnection> =>
  new Map(
    Object.entries(targets).map(([warehouse, settings]): [string, WmsConnection] => {
      const { adapter: name } = settings as z.infer<typeof target>;
      const adapter = adapters.find(({ manifest }) => manifest.name === name);
      if (!adapter) throw new Error(`FLOTILLA_WMS_TARGETS: ${warehouse} has the adapter "${name}"; there are ${adapters.map(({ manifest }) => manifest.name).join(', ')}`);
      const read = adapter.settings.safeParse(settings);
      if (!read.success) throw new Error(`FLOTILLA_WMS_TARGETS: ${warehouse}: ${read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ')}`);
      return [warehouse, adapter.connect(read.data as never, { warehouse, fetch: options.fetchOf(`wms ${warehouse}`, adapter.manifest), now: options.now })];
    }),
  );
