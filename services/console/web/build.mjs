// Builds the web app into dist/app, and does nothing where its sources and packages are those of the last build.
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const web = import.meta.dirname;
const app = join(web, 'dist', 'app');
const stampFile = join(web, 'dist', '.stamp');

const hash = createHash('sha256').update(readFileSync(join(web, '..', '..', '..', 'package-lock.json')));
const inputs = globSync(['*.*', 'src/**/*.*', 'public/**/*.*'], { cwd: web }).filter((file) => !/\.(spec|d)\.ts$/.test(file)).sort();
for (const file of inputs) hash.update(`\0${file}\0`).update(readFileSync(join(web, file)));
const stamp = hash.digest('hex');

if (!existsSync(join(app, 'index.html')) || !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  const { build } = await import('vite');
  // Built beside and put in place at once: a gateway that runs serves the old app or the new one.
  const fresh = `${app}.${process.pid}`;
  process.once('exit', () => rmSync(fresh, { recursive: true, force: true }));
  await build({ configFile: join(web, 'vite.config.js'), logLevel: 'warn', build: { outDir: fresh } });
  for (const file of globSync('**/*.{js,css,html,svg,wasm}', { cwd: fresh })) {
    const bytes = readFileSync(join(fresh, file));
    // The best quality costs a minute for the wasm of the label preview, and saves it little.
    const quality = bytes.length > 2_000_000 ? 5 : 10;
    if (bytes.length > 1_000) writeFileSync(join(fresh, `${file}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }));
  }
  rmSync(app, { recursive: true, force: true });
  renameSync(fresh, app);
  writeFileSync(stampFile, stamp);
}
