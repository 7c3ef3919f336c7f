// Lets Node run the repository's TypeScript as it stands (with --experimental-transform-types): './x.js' finds './x.ts', and
// '@flotilla/x' the sources of libs/x. For children of specs; what is shipped is built.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const libs = new URL('../', import.meta.url);

registerHooks({
  resolve(specifier, context, next) {
    const lib = /^@flotilla\/([a-z-]+)$/.exec(specifier)?.[1];
    if (lib !== undefined && existsSync(new URL(`${lib}/src/index.ts`, libs))) return next(new URL(`${lib}/src/index.ts`, libs).href, context);
    if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL !== undefined) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (source.protocol === 'file:' && existsSync(fileURLToPath(source))) return next(source.href, context);
    }
    return next(specifier, context);
  },
});
