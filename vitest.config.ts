import { defineConfig } from 'vitest/config';

/** Suites share one shape; the slow ones run a file at a time, since they start real servers. */
const suite = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});
const serial = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    projects: [
      suite('unit'),
      suite('webview', serial),
      suite('integration', serial),
      suite('e2e', { ...serial, testTimeout: 180_000 }),
    ],
  },
});
