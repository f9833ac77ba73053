// A run that waits or is made, and will say more by itself.

import type { SmokeRun } from '@/api/types';

export function isUnderWay(run: SmokeRun | null | undefined): boolean {
  return run?.state === 'queued' || run?.state === 'running';
}
