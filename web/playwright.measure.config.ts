import { defineConfig } from '@playwright/test';
import base from './playwright.config';

/** Figures of the pages in a real browser, printed; nothing here passes or fails by the clock. */
export default defineConfig(base, {
  testDir: 'measure',
  outputDir: 'test-results/measure-run',
  workers: 1,
  timeout: 180_000,
});
