import { expect, test } from 'vitest';
import type { DraftView } from '@/api/types';
import { RELEASE } from '@/test/samples';
import { nextStepsOf } from './nextSteps';

const FILE = { path: 'a', size: 1, digest: RELEASE.digest };
const DRAFT: DraftView = {
  ...RELEASE,
  state: 'draft',
  files: [FILE, { ...FILE, path: 'b' }],
  missing_blobs: [],
};

const commands = (draft: DraftView) => nextStepsOf(draft).flatMap((step) => step.commands ?? []);

test('a draft whose bytes are missing is published again', () => {
  const [step] = nextStepsOf({ ...DRAFT, missing_blobs: [FILE.digest] });
  expect(step?.text).toContain('1 of 2 files');
  expect(commands(DRAFT)).toEqual(['cambium publish DIR']);
  expect(nextStepsOf(DRAFT)[0]?.text).toContain('All of its bytes are here');
});

test('a refused attempt is corrected, tried and published again', () => {
  expect(commands({ ...DRAFT, state: 'rejected' })).toEqual([
    'cambium smoke BACKBONE_DIR --with DIR',
    'cambium publish DIR',
  ]);
  expect(commands({ ...DRAFT, state: 'rejected', kind: 'backbone' })[0]).toBe('cambium smoke DIR');
});

test('what is on its way, or through, needs nothing', () => {
  expect(commands({ ...DRAFT, state: 'verifying' })).toEqual([]);
  expect(commands({ ...DRAFT, state: 'in_review' })).toEqual([]);
  expect(nextStepsOf({ ...DRAFT, state: 'published' })).toEqual([]);
});
