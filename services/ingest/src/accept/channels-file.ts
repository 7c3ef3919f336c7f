import { readFile } from 'node:fs/promises';
import { BadConfiguration } from '@flotilla/service-kit';
import { z } from 'zod';
import { platformName } from '../channels/registry.js';
import type { Ingest } from '../ingest.parts.js';
import { connecting, settingsOf } from './channels.grpc.js';

const channelsFile = z.array(
  z.object({ id: z.string(), platform: z.string(), secret: z.string(), appKey: z.string().default(''), name: z.string().default(''), apiUrl: z.string().default('') }),
);

/**
 * Connects the channels of FLOTILLA_CHANNELS_FILE, so that an installation starts with its shops. The file holds: a
 * secret or an address that differs is taken over. Without an address, a channel whose platform can be written back to
 * uses the sandbox, where there is one.
 */
export const connectFromFile = async (parts: Ingest, file: string, sandboxUrl: string | undefined): Promise<void> => {
  const { ctx, platforms } = parts;
  for (const entry of await readChannels(file)) {
    const platform = platformName(entry.platform);
    const apiUrl = entry.apiUrl !== '' || sandboxUrl === undefined || platforms.get(platform)?.writeBack === undefined ? entry.apiUrl : `${sandboxUrl.replace(/\/+$/, '')}/${platform}/${entry.id}`;
    const settings = settingsOf(parts, { ...entry, platform, apiUrl, apiToken: entry.appKey });
    await ctx.store.execute(connecting('ConfigureChannel', settings, ctx.clock.business().toISOString(), ctx.meta({ actor: 'config:channels-file' })));
  }
};

const readChannels = async (file: string): Promise<z.infer<typeof channelsFile>> => {
  try {
    return channelsFile.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    // Neither zod's nor JSON's message: they may quote a secret.
    throw new BadConfiguration(`FLOTILLA_CHANNELS_FILE=${file} cannot be used (${(error as NodeJS.ErrnoException).code ?? (error as Error).name}): it must be a JSON list of {id, platform, secret, appKey}`);
  }
};
