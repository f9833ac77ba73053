// What a report could say and does not, and why. Pure.

import type { Report } from '@/api/types';

/** Nothing is missed that does not apply. */
export function absencesOf(report: Report): string[] {
  const { run, updates = [], evaluation, checks } = report;
  const adapts = checks.adapter_effect !== undefined && checks.adapter_effect.status !== 'skipped';
  const absences: string[] = [];
  if (adapts && updates.length === 0) {
    absences.push('What the adapter does to each layer: this engine did not measure it.');
  }
  if (adapts && typeof run.bare_forward_seconds !== 'number') {
    absences.push('The time of the bare backbone: this engine did not measure it.');
  }
  if (adapts && typeof run.bare_peak_memory_bytes !== 'number') {
    absences.push('The memory of the bare backbone: this engine did not measure it.');
  }
  // Where the engine looked for one, the check says what came of it.
  if (!evaluation && checks.evaluation === undefined && run.module_parameters > 0) {
    absences.push('An evaluation: this engine did not look for an evaluation set.');
  }
  return absences;
}
