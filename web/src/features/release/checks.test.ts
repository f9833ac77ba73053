import { expect, test } from 'vitest';
import type { Report } from '@/api/types';
import { linesOf } from './checks';

test('failures come first, and figures stay apart from the result', () => {
  const checks: Report['checks'] = {
    loads: { status: 'passed', seconds: 1.5 },
    golden: { status: 'skipped', reason: 'no probe' },
    finite: { status: 'failed', outputs: 2 },
  };
  const lines = linesOf({ checks } as Report);
  expect(lines.map(({ name }) => name)).toEqual(['finite', 'loads', 'golden']);
  expect(lines[0]).toEqual({ name: 'finite', status: 'failed', figures: [['outputs', 2]] });
});
