// The stages of a verification, in their order, and what they are called.

import type { Stage } from '@/api/types';

export const STAGES: readonly (readonly [stage: Stage, title: string])[] = [
  ['queued', 'Queued'],
  ['files', 'Files'],
  ['structure', 'Structure'],
  ['smoke_run', 'Smoke run'],
  ['concluding', 'Verdict'],
];
