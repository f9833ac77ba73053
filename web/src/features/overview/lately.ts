// What happened lately, without what says the same twice. Pure.

import type { EventView } from '@/api/types';
import { referenceOf, sayEvent } from '@/features/history/eventWords';
import { type Said, say, toRelease, word } from '@/features/history/said';
import { plural } from '@/ui/format';

export interface Happening {
  readonly id: string;
  readonly at: string;
  readonly actor?: string | null | undefined;
  readonly said: Said;
}

/** Newest first, as the events. Pairs judged one after the other on one base become one line. */
export function lately(events: readonly EventView[]): Happening[] {
  const lines: Happening[] = [];
  let index = 0;
  for (let event = events[0]; event; event = events[index]) {
    const base = baseOf(event);
    const run = base === null ? 1 : runLength(events, index, base);
    if (run > 1 && base !== null) lines.push(folded(events.slice(index, index + run), base));
    else if (!isOutdone(event, events.slice(0, index))) lines.push(single(event));
    index += run;
  }
  return lines;
}

function baseOf(event: EventView): string | null {
  return event.kind === 'pair.judged' ? word(event.data, 'base') : null;
}

function runLength(events: readonly EventView[], start: number, base: string): number {
  let end = start;
  for (let event = events[end]; event && baseOf(event) === base; event = events[end]) end += 1;
  return end - start;
}

const OUTCOMES = ['release.published', 'release.rejected'];

/** That something was submitted is old news once it is known what became of it. */
function isOutdone(event: EventView, later: readonly EventView[]): boolean {
  if (event.kind !== 'release.submitted' && event.kind !== 'release.verifying') return false;
  const reference = referenceOf(event);
  return later.some((other) => OUTCOMES.includes(other.kind) && referenceOf(other) === reference);
}

function single(event: EventView): Happening {
  return { id: event.id, at: event.happened_at, actor: event.actor, said: sayEvent(event) };
}

function folded(run: readonly EventView[], base: string): Happening {
  // The latest word on each, and these come first.
  const verdicts = new Map<string, string>();
  for (const event of run) {
    const dependent = referenceOf(event);
    if (!verdicts.has(dependent)) verdicts.set(dependent, word(event.data, 'verdict') ?? 'unknown');
  }
  const [newest] = run;
  const [only] = verdicts.keys();
  if (newest && verdicts.size === 1 && only) return single(newest);
  const count = (verdict: string) => [...verdicts.values()].filter((v) => v === verdict).length;
  const [broken, fine, open] = [count('incompatible'), count('compatible'), count('unknown')];
  const parts = [
    broken > 0 && `${broken} ${broken === 1 ? 'does' : 'do'} not work`,
    fine > 0 && `${fine} ${fine === 1 ? 'works' : 'work'}`,
    open > 0 && `${open} to be proven`,
  ].filter(Boolean);
  const sign = broken > 0 ? 'refused' : open > 0 ? 'unknown' : 'published';
  return {
    id: newest?.id ?? base,
    at: newest?.happened_at ?? '',
    said: say(sign, [
      `${plural(verdicts.size, 'release')} on `,
      toRelease(base),
      `: ${parts.join(', ')}`,
    ]),
  };
}
