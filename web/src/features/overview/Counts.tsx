// How many modules and releases there are; each figure leads to its list.

import { type Overview, KINDS } from '@/api/types';
import { PathLink } from '@/features/shell/PathLink';
import { KindIcon, StateBadge } from '@/ui/badges';
import { formatCount, words } from '@/ui/format';
import { Section } from '@/ui/Section';
import classes from './Counts.module.css';

/** In the order of a release's life; those by which modules can be listed. */
const STATES = [
  ['published', true],
  ['deprecated', true],
  ['yanked', true],
  ['quarantined', true],
  ['verifying', false],
  ['in_review', false],
  ['rejected', false],
] as const;

export function Counts({ overview: { modules, releases } }: { readonly overview: Overview }) {
  return (
    <>
      <Section title="Modules" aside={<PathLink path="/modules">{total(modules)} in all</PathLink>}>
        <ul className={classes.list}>
          {KINDS.filter((kind) => modules[kind]).map((kind) => (
            <li key={kind}>
              <PathLink path={`/modules?kind=${kind}`} className={classes.line}>
                <span className={classes.name}>
                  <KindIcon kind={kind} /> {words(kind)}
                </span>{' '}
                <span className={classes.count}>{formatCount(modules[kind] ?? 0)}</span>
              </PathLink>
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Releases" aside={`${total(releases)} in all`}>
        <ul className={classes.list}>
          {STATES.filter(([state]) => releases[state]).map(([state, listed]) => {
            const content = (
              <>
                <StateBadge state={state} />{' '}
                <span className={classes.count}>{formatCount(releases[state] ?? 0)}</span>
              </>
            );
            return (
              <li key={state}>
                {listed ? (
                  <PathLink path={`/modules?state=${state}`} className={classes.line}>
                    {content}
                  </PathLink>
                ) : (
                  <div className={classes.line}>{content}</div>
                )}
              </li>
            );
          })}
        </ul>
      </Section>
    </>
  );
}

function total(counts: Readonly<Record<string, number>>): string {
  return formatCount(Object.values(counts).reduce((sum, count) => sum + count, 0));
}
