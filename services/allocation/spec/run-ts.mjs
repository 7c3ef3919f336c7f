// Lets plain Node run the sources of this service as they stand, in worker threads too: `.js` in an import is the `.ts` beside
// it, and what is TypeScript is compiled in memory, as Jest does it. Packages of the workspace come from their builds.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
      const url = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, swcrc: false, sourceMaps: 'inline', module: { type: 'es6' }, jsc: { target: 'es2023', parser: { syntax: 'typescript' } } });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
