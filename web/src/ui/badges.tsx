// The badges of the API's closed sets of words.

import {
  Archive,
  Ban,
  Blocks,
  Boxes,
  Check,
  CircleDashed,
  CircleHelp,
  Eye,
  Info,
  LoaderCircle,
  type LucideIcon,
  PencilLine,
  Route,
  ScanText,
  SkipForward,
  TreeDeciduous,
  TriangleAlert,
  Waypoints,
  X,
  Cable,
  ShieldX,
} from 'lucide-react';
import type { CheckStatus, Kind, Severity, State, Verdict } from '@/api/types';
import { Badge, type Tone } from './Badge';
import classes from './Badge.module.css';
import { words } from './format';

type Look = readonly [Tone, LucideIcon];

const STATES: Record<State, Look> = {
  draft: ['plain', PencilLine],
  verifying: ['info', LoaderCircle],
  in_review: ['info', Eye],
  published: ['good', Check],
  rejected: ['bad', X],
  deprecated: ['warn', Archive],
  yanked: ['warn', Ban],
  quarantined: ['bad', ShieldX],
};

const VERDICTS: Record<Verdict, Look> = {
  compatible: ['good', Check],
  unknown: ['plain', CircleHelp],
  incompatible: ['bad', X],
};

const CHECKS: Record<CheckStatus, Look> = {
  passed: ['good', Check],
  failed: ['bad', X],
  skipped: ['plain', SkipForward],
};

const SEVERITIES: Record<Severity, Look> = {
  error: ['bad', X],
  warning: ['warn', TriangleAlert],
  info: ['info', Info],
};

const KINDS: Record<Kind, LucideIcon> = {
  backbone: TreeDeciduous,
  adapter: Blocks,
  head: Waypoints,
  decoder: ScanText,
  bridge: Cable,
  router: Route,
};

/** States come as plain words in some answers. */
function lookOf(looks: Partial<Record<string, Look>>, word: string): Look {
  return looks[word] ?? ['plain', CircleDashed];
}

export function StateBadge({ state }: { readonly state: string }) {
  const [tone, icon] = lookOf(STATES, state);
  return (
    <Badge tone={tone} icon={icon}>
      {words(state)}
    </Badge>
  );
}

export function VerdictBadge({ verdict }: { readonly verdict: Verdict }) {
  const [tone, icon] = VERDICTS[verdict];
  return (
    <Badge tone={tone} icon={icon}>
      {words(verdict)}
    </Badge>
  );
}

export function CheckBadge({ status }: { readonly status: CheckStatus }) {
  const [tone, icon] = CHECKS[status];
  return (
    <Badge tone={tone} icon={icon}>
      {words(status)}
    </Badge>
  );
}

export function SeverityBadge({ severity }: { readonly severity: Severity }) {
  const [tone, icon] = SEVERITIES[severity];
  return (
    <Badge tone={tone} icon={icon}>
      {words(severity)}
    </Badge>
  );
}

export function KindBadge({ kind }: { readonly kind: Kind }) {
  return (
    <Badge tone="plain" icon={KINDS[kind]}>
      {words(kind)}
    </Badge>
  );
}

/** What a state means, where there is no room for its badge. */
export function stateTone(state: string): Tone {
  return lookOf(STATES, state)[0];
}

/** A state in a line of small text. */
export function StateWord({ state }: { readonly state: string }) {
  const [tone, Icon] = lookOf(STATES, state);
  return (
    <span className={classes.word} data-tone={tone}>
      <Icon size={12} strokeWidth={2.25} aria-hidden /> {words(state)}
    </span>
  );
}

/** Where there is no room for the word; it says nothing to who does not see it. */
export function KindIcon({ kind, size = 16 }: { readonly kind: string; readonly size?: number }) {
  const icons: Partial<Record<string, LucideIcon>> = KINDS;
  const Icon = icons[kind] ?? Boxes;
  return <Icon size={size} aria-hidden />;
}
