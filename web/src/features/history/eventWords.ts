// What an event says. Pure.

import type { EventView } from '@/api/types';
import { words } from '@/ui/format';
import { type Said, say, sayMove, toDraft, toModule, toPair, toRelease, word } from './said';

type Event = Pick<EventView, 'kind' | 'module' | 'version' | 'data'>;

/** `namespace/name@version`, or the module where no version is concerned. */
export function referenceOf({ module, version }: Pick<EventView, 'module' | 'version'>): string {
  return version ? `${module}@${version}` : module;
}

export function sayEvent(event: Event): Said {
  const { kind, module, data } = event;
  const release = toRelease(referenceOf(event));
  const attempt = toDraft(referenceOf(event), word(data, 'id'));
  const reason = word(data, 'reason');
  switch (kind) {
    case 'module.created':
      return say('made', [toModule(module), ` is new: ${word(data, 'kind') ?? 'a module'}`]);
    case 'release.submitted':
      return say('submitted', [attempt, ' was submitted']);
    case 'release.verifying':
      return say('verifying', [attempt, ` is being verified${stageOf(data)}`]);
    case 'release.published':
      return say('published', [release, ' was published']);
    case 'release.rejected':
      return say('refused', [attempt, ' was refused'], rulesIn(data));
    case 'release.deprecated':
      return say('deprecated', [release, ' was deprecated'], reason);
    case 'release.yanked':
      return say('yanked', [release, ' was yanked'], reason);
    case 'release.quarantined':
      return say('quarantined', [release, ' was quarantined'], reason);
    case 'release.restored':
      return say('restored', [release, ' was restored'], reason);
    case 'pair.judged':
      return sayVerdict(referenceOf(event), word(data, 'base') ?? '', word(data, 'verdict'));
    case 'channel.moved':
      return sayMove(module, data);
    default:
      return say('unknown', [`${words(kind.replaceAll('.', ' '))}: `, release]);
  }
}

/** What became of a pair, in an event as in an entry. */
export function sayVerdict(dependent: string, base: string, verdict: string | null): Said {
  const said = (text: string) => [
    toRelease(dependent),
    ' ',
    toPair(text, dependent, base),
    ' ',
    toRelease(base),
  ];
  if (verdict === 'compatible') return say('published', said('works on'));
  if (verdict === 'incompatible') return say('refused', said('does not work on'));
  return say('unknown', said('is to be proven on'));
}

function stageOf(data: object): string {
  const stage = word(data, 'stage');
  return stage ? `: ${words(stage).toLowerCase()}` : '';
}

function rulesIn(data: object): string | null {
  const { rules } = data as { rules?: unknown };
  return Array.isArray(rules) ? rules.filter((rule) => typeof rule === 'string').join(', ') : null;
}
