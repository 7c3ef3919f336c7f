import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // light-dark() stays as it is: what it would be written as needs colour schemes that Mantine sets elsewhere.
  // The largest piece, 9 MB, draws labels from ZPL, and is loaded where one is shown.
  build: { target: 'es2023', cssTarget: ['chrome123', 'firefox120', 'safari17.5'], emptyOutDir: true, reportCompressedSize: false, chunkSizeWarningLimit: 10_000 },
  // `node node_modules/vite/bin/vite.js services/console/web` beside a running fleet: pages change as they are written.
  server: { port: 8109, proxy: { '/api': { target: 'http://127.0.0.1:8100', changeOrigin: true, headers: { origin: 'http://127.0.0.1:8100' } } } },
});
