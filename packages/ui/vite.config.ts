import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm start` serves; the development server passes API and WebSocket calls on to it. */
const SERVER = 'https://localhost:8443';

export default defineConfig({
  // The path under which vite was given this folder may vary; the folder does not.
  root: import.meta.dirname,
  plugins: [react()],
  server: { proxy: { '/api': { target: SERVER, secure: false, ws: true } } },
  build: {
    // src/budget.test.ts reads from it what each page loads.
    manifest: true,
    // The content security policy has no `data:`, so nothing is inlined.
    assetsInlineLimit: 0,
    // The map library alone is larger than the warning's default; the budgets are held by that test.
    chunkSizeWarningLimit: 1200,
  },
});
