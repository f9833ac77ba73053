// How far a verification is, as steps. Pure.

import type { Stage } from '@/api/types';
import { STAGES } from '@/ui/stages';

export interface Step {
  readonly stage: Stage;
  readonly title: string;
  readonly text: string;
  readonly state: 'done' | 'now' | 'next';
}

const TEXTS: Record<Stage, string> = {
  queued: 'It waits for a worker.',
  files: 'Its files are read and looked into.',
  structure: 'It is held against what it attaches to.',
  smoke_run: 'It runs in the sandbox.',
  concluding: 'The verdict is written down.',
};

/** Nothing is done and nothing is under way where the stage is not known. */
export function stepsOf(stage: Stage | null | undefined): Step[] {
  const now = STAGES.findIndex(([name]) => name === stage);
  return STAGES.map(([name, title], at) => ({
    stage: name,
    title,
    text: TEXTS[name],
    state: at === now ? 'now' : at < now ? 'done' : 'next',
  }));
}

/** `8 s`, `2 min 05 s`, `1 h 02 min`: clocks that disagree never run backwards. */
export function formatElapsed(since: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - new Date(since).getTime()) / 1000));
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
