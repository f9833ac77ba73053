// What an entry of the audit log says. Pure.

import { parseReference } from '@/api/reference';
import type { AuditEntry } from '@/api/types';
import { words } from '@/ui/format';
import { sayVerdict } from './eventWords';
import {
  type Piece,
  type Said,
  say,
  sayMove,
  SIGNS,
  toDraft,
  toModule,
  toRelease,
  word,
} from './said';

type Entry = Pick<AuditEntry, 'action' | 'subject' | 'detail'>;

export function sayEntry(entry: Entry): Said {
  const { action, subject, detail } = entry;
  const [group = ''] = action.split('.');
  switch (group) {
    case 'release':
      return sayRelease(entry);
    case 'draft':
      return sayDraft(entry);
    case 'channel':
      return sayMove(subject, detail);
    case 'pair': {
      const [dependent = subject, base = ''] = subject.split(' on ');
      return sayVerdict(dependent, base, word(detail, 'verdict'));
    }
    case 'module':
    case 'namespace':
    case 'registry':
      return sayPlace(entry);
    default:
      return sayPeople(entry);
  }
}

type Sign = keyof typeof SIGNS;

const RELEASES: Partial<Record<string, readonly [Sign, string]>> = {
  'release.publish': ['published', 'was published'],
  'release.deprecate': ['deprecated', 'was deprecated'],
  'release.yank': ['yanked', 'was yanked'],
  'release.quarantine': ['quarantined', 'was quarantined'],
  'release.restore': ['restored', 'was restored'],
};

function sayRelease({ action, subject, detail }: Entry): Said {
  if (action === 'release.submit') {
    return say('submitted', [toDraft(subject, word(detail, 'release')), ' was submitted']);
  }
  if (action === 'release.reject') {
    const { rules } = detail as { rules?: unknown };
    const broken = Array.isArray(rules) ? rules.join(', ') : null;
    // Nothing is published under that version.
    return say('refused', [toDraft(subject, word(detail, 'release')), ' was refused'], broken);
  }
  const known = RELEASES[action];
  if (!known) return sayPlainly('unknown', { action, subject });
  const [sign, text] = known;
  const replacement = word(detail, 'replacement');
  const instead: Piece[] = replacement ? [', use ', toRelease(replacement), ' instead'] : [];
  return say(sign, [toRelease(subject), ` ${text}`, ...instead], word(detail, 'reason'));
}

function sayDraft({ action, subject, detail }: Entry): Said {
  const id = word(detail, 'draft');
  if (action === 'draft.create') return say('written', [toDraft(subject, id), ' was drafted']);
  if (action === 'draft.replace') {
    return say('written', [toDraft(subject, id), ' was drafted anew']);
  }
  if (action === 'draft.delete') return say('yanked', [`The draft of ${subject} was thrown away`]);
  return sayPlainly('written', { action, subject });
}

function sayPlace({ action, subject, detail }: Entry): Said {
  const namespace: Piece = {
    text: subject,
    path: `/modules?namespace=${encodeURIComponent(subject)}`,
  };
  const [from, to] = [word(detail, 'from'), word(detail, 'to')];
  switch (action) {
    case 'module.create':
      return say('made', [toModule(subject), ` is new: ${word(detail, 'kind') ?? 'a module'}`]);
    case 'module.describe':
      return say('written', [toModule(subject), ' was described anew'], to);
    case 'namespace.create':
      return say('made', [namespace, ` is a new namespace, ${word(detail, 'visibility') ?? ''}`]);
    case 'namespace.set_visibility':
      return say('people', [namespace, ` became ${to ?? ''}${from ? `, it was ${from}` : ''}`]);
    case 'registry.found':
      return say('made', ['The registry was founded']);
    default:
      return sayPlainly('unknown', { action, subject });
  }
}

function sayPeople({ action, subject, detail }: Entry): Said {
  const actor = word(detail, 'actor') ?? 'somebody';
  switch (action) {
    case 'actor.create':
      return say('people', [toActor(subject), ` is new: ${word(detail, 'kind') ?? 'an actor'}`]);
    case 'role.set':
      return say('people', [toActor(actor), ` became ${word(detail, 'role') ?? ''} in ${subject}`]);
    case 'role.remove':
      return say('people', [toActor(actor), ` lost the role in ${subject}`]);
    case 'token.create':
      return say('keys', [`A token was made for `, toActor(subject)], word(detail, 'name'));
    case 'token.revoke':
      return say('keys', [`The token ${subject} was revoked`]);
    case 'session.open':
      return say('keys', [toActor(subject), ' signed in']);
    case 'session.close':
      return say('keys', [toActor(subject), ' signed out']);
    default:
      return sayPlainly('unknown', { action, subject });
  }
}

export function toActor(actor: string): Piece {
  return { text: actor, path: `/activity?actor=${encodeURIComponent(actor)}` };
}

/** What a later version of the server does, in its own words. */
function sayPlainly(sign: Sign, { action, subject }: Pick<Entry, 'action' | 'subject'>): Said {
  const said = words(action.replaceAll('.', ' '));
  if (parseReference(subject)) return say(sign, [`${said}: `, toRelease(subject)]);
  return say(sign, [`${said}: ${subject}`]);
}
