// Findings by their weight. Pure.

import type { Finding, Severity } from '@/api/types';

const WEIGHT: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** What refuses comes first; what weighs the same stays in its order. */
export function byWeight(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => WEIGHT[a.severity] - WEIGHT[b.severity]);
}
