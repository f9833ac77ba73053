// Something that happened, as a sentence with links in it. Pure.

import {
  Archive,
  Ban,
  Check,
  CircleHelp,
  Eye,
  KeyRound,
  type LucideIcon,
  PackagePlus,
  PencilLine,
  RotateCcw,
  Send,
  ShieldX,
  Signpost,
  Undo2,
  UserCog,
  X,
} from 'lucide-react';
import { draftPath, modulePath, pairPath, releasePath } from '@/features/shell/paths';
import type { Tone } from '@/ui/Badge';

export interface Linked {
  readonly text: string;
  readonly path: string;
}

export type Piece = string | Linked;

export interface Said {
  readonly tone: Tone;
  readonly icon: LucideIcon;
  readonly pieces: readonly Piece[];
  /** What was given as the reason, or which rules were broken. */
  readonly reason?: string;
}

/** The sign of what happened, told apart by shape and not by colour alone. */
export const SIGNS = {
  made: ['plain', PackagePlus],
  written: ['plain', PencilLine],
  submitted: ['plain', Send],
  verifying: ['info', Eye],
  published: ['good', Check],
  refused: ['bad', X],
  deprecated: ['warn', Archive],
  yanked: ['warn', Ban],
  quarantined: ['bad', ShieldX],
  restored: ['good', RotateCcw],
  moved: ['info', Signpost],
  rolledBack: ['warn', Undo2],
  unknown: ['plain', CircleHelp],
  people: ['plain', UserCog],
  keys: ['plain', KeyRound],
} as const satisfies Record<string, readonly [Tone, LucideIcon]>;

export function say(
  sign: keyof typeof SIGNS,
  pieces: readonly Piece[],
  reason?: string | null,
): Said {
  const [tone, icon] = SIGNS[sign];
  return { tone, icon, pieces, ...(reason && { reason }) };
}

export function toModule(module: string): Piece {
  return { text: module, path: modulePath(module) };
}

export function toRelease(reference: string): Piece {
  const path = releasePath(reference);
  return path === null ? reference : { text: reference, path };
}

/** An attempt that never became a release is found by its id. */
export function toDraft(reference: string, id: unknown): Piece {
  return typeof id === 'string' ? { text: reference, path: draftPath(id) } : reference;
}

export function toPair(text: string, dependent: string, base: string): Piece {
  const path = pairPath(dependent, base);
  return path === null ? text : { text, path };
}

export function textOf(pieces: readonly Piece[]): string {
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
}

/** A fact that is a word. */
export function word(facts: object, name: string): string | null {
  const value = (facts as Partial<Record<string, unknown>>)[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** What a channel did, in an event as in an entry. */
export function sayMove(module: string, facts: object): Said {
  const channel = word(facts, 'channel') ?? 'a channel';
  const [from, to] = [word(facts, 'from'), word(facts, 'to')];
  const reason = word(facts, 'reason');
  const name: Piece[] = [`${channel} of `, toModule(module)];
  const at = (version: string) => toRelease(`${module}@${version}`);
  const version = (of: string): Piece => {
    const linked = at(of);
    return typeof linked === 'string' ? of : { text: of, path: linked.path };
  };
  switch (word(facts, 'action')) {
    case 'roll_back':
      return say(
        'rolledBack',
        [
          ...name,
          ' was rolled back',
          ...(from ? [' from ', version(from)] : []),
          ...(to ? [' to ', version(to)] : []),
        ],
        reason,
      );
    case 'quarantine':
      return say(
        'rolledBack',
        [
          ...name,
          ...(from ? [' left ', version(from)] : [' left its release']),
          ...(to ? [' for ', version(to)] : [' and points at nothing']),
        ],
        reason,
      );
    default:
      if (!to) return say('moved', [...name, ' points at nothing'], reason);
      if (!from) return say('moved', [...name, ' points at ', version(to)], reason);
      return say('moved', [...name, ' moved from ', version(from), ' to ', version(to)], reason);
  }
}
