// The commands that make a run again on one's own machine. Pure.

import type { Report, SmokeRun } from '@/api/types';
import { parseReference } from '@/api/reference';

/** Where a part's files are fetched to: as `cambium download` calls the folder. */
function folderOf(reference: string): string | null {
  const parts = parseReference(reference);
  return parts && `${parts.name}-${parts.version}`;
}

/**
 * Downloads of what took part, then the run. Empty when a part is no release of this registry, or
 * the run has no backbone and nothing on it.
 */
export function rerunCommands(run: SmokeRun, report: Report): string[] {
  const { base, dependent } = run;
  const home = homeOf(run, report);
  const parts = [base, dependent, home].filter((part) => typeof part === 'string');
  const folders = parts.map(folderOf);
  if (folders.length === 0 || folders.includes(null)) return [];
  const [first, ...others] = [base, dependent]
    .filter((part) => typeof part === 'string')
    .map((part) => folderOf(part));
  const { seed, limits, threads, inputs } = report.run;
  const command = [
    `cambium smoke ${first ?? ''}`,
    ...others.map((folder) => `--with ${folder ?? ''}`),
    ...(home ? [`--home ${folderOf(home) ?? ''}`] : []),
    // Only made inputs come from the seed.
    ...(inputs === 'seed' ? [`--seed ${seed}`] : []),
    `--threads ${threads}`,
    ...(limits
      ? [
          `--time-limit ${limits.wall_seconds}`,
          `--memory-limit ${Math.round(limits.memory_bytes / 1024 ** 2)}`,
        ]
      : []),
  ];
  return [...parts.map((part) => `cambium download ${part}`), command.join(' ')];
}

/** The backbone that drift was measured against: the part that is neither of the two. */
export function homeOf({ base, dependent }: SmokeRun, report: Report): string | null {
  const drift = report.checks.drift;
  if (!drift || drift.status === 'skipped') return null;
  const parts: unknown = report.checks.keys?.parts;
  if (typeof parts !== 'object' || parts === null) return null;
  const others = Object.keys(parts).filter((part) => part !== base && part !== dependent);
  return others.length === 1 ? (others[0] ?? null) : null;
}
