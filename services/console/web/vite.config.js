import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const partsOf = (bundle, wanted) => {
  const found = Object.values(bundle).find((part) => part.type === 'chunk' && wanted(part));
  return found === undefined ? [] : [found.fileName, ...found.imports];
};
const firstParts = (bundle) => partsOf(bundle, ({ isEntry }) => isEntry);
const deskParts = (bundle) => partsOf(bundle, ({ facadeModuleId }) => facadeModuleId?.endsWith('/pages/orders/index.tsx'));

/** The desk, where nearly everybody begins, is on its way with the first part of the app, and compiled beside the page's own thread (V8's explicit compile hints). */
const deskFirst = {
  name: 'desk-first',
  generateBundle: (_, bundle) => {
    for (const file of new Set([...firstParts(bundle), ...deskParts(bundle)])) bundle[file].code = `//# allFunctionsCalledOnLoad\n${bundle[file].code}`;
  },
  transformIndexHtml: (_, { bundle = {} }) => deskParts(bundle).filter((file) => !firstParts(bundle).includes(file)).map((file) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` } })),
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), deskFirst],
  // Its package names the development build alone, which warns and measures in everybody's browser.
  resolve: { alias: [{ find: /^react-router$/, replacement: join(dirname(createRequire(import.meta.url).resolve('react-router/package.json')), 'dist/production/index.mjs') }] },
  // light-dark() stays as it is: what it would be written as needs colour schemes that Mantine sets elsewhere.
  // The largest piece, 9 MB, draws labels from ZPL, and is loaded where one is shown.
  build: { target: 'es2023', cssTarget: ['chrome123', 'firefox120', 'safari17.5'], emptyOutDir: true, reportCompressedSize: false, chunkSizeWarningLimit: 10_000 },
  // `node node_modules/vite/bin/vite.js services/console/web` beside a running fleet: pages change as they are written.
  server: { port: 8109, proxy: { '/api': { target: 'http://127.0.0.1:8100', changeOrigin: true, headers: { origin: 'http://127.0.0.1:8100' } } } },
});
