import { defineConfig } from '@playwright/test';
import base from './playwright.config';

/** Pictures of every page, for people to look at; three of them are the README's. */
export default defineConfig(base, {
  testDir: 'screenshots',
  outputDir: 'test-results/screenshots-run',
  timeout: 120_000,
});
