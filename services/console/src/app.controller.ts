import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Refused } from '@flotilla/decider';
import { Describe, htmlPage } from '@flotilla/service-kit';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { Guarded } from './guard.js';

/** Where the built web app lies, from src and from dist. */
export const appFolder = join(import.meta.dirname, '..', 'web', 'dist', 'app');

interface Sends {
  sendFile(path: string, options: { readonly maxAge: number; readonly immutable: boolean; readonly cacheControl: boolean }): unknown;
}

/** Everything that is none of the API: the web app, which knows its own paths. */
@Controller()
export class AppController {
  @Describe({ id: 'app', summary: 'The web app', answers: { 200: ['The page, or a file of it', htmlPage], 404: 'No such file' } })
  @Get('*')
  get(@Req() request: Guarded, @Res() reply: Sends): void {
    const path = decodeURIComponent(request.url.split('?')[0]!);
    if (/^\/api(?:\/|$)/.test(path)) throw new Refused('NOT_FOUND', 'there is no such path');
    // Names that the build gives, and no others: nothing climbs out of the folder.
    const file = /^\/((?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)+)$/.exec(path)?.[1];
    if (file !== undefined && existsSync(join(appFolder, file)) && statSync(join(appFolder, file)).isFile()) {
      // Their names change with what is in them.
      const hashed = file.startsWith('assets/');
      reply.sendFile(file, { maxAge: hashed ? 31_536_000_000 : 0, immutable: hashed, cacheControl: true });
      return;
    }
    if (path.startsWith('/assets/')) throw new Refused('NOT_FOUND', 'there is no such file');
    reply.sendFile('index.html', { maxAge: 0, immutable: false, cacheControl: true });
  }
}
