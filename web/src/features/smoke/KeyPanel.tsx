// Key coverage: how many tensors of each part were used, and the names of those that were not.

import type { Report } from '@/api/types';
import { Section } from '@/ui/Section';
import classes from './KeyPanel.module.css';
import { type Coverage, coverageOf, coverageWords, type Unused } from './keys';

/** Nothing, where no tensors were counted. */
export function KeyPanel({ report }: { readonly report: Report }) {
  const parts = coverageOf(report);
  if (parts.length === 0) return null;
  return (
    <Section title="Key coverage">
      <ul className={classes.parts}>
        {parts.map((coverage) => (
          <li key={coverage.part}>
            <Part coverage={coverage} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Part({ coverage }: { readonly coverage: Coverage }) {
  const whole = coverage.unused.every(({ kind }) => kind === 'ignored');
  return (
    <>
      <p className={classes.head}>
        <code>{coverage.part}</code> <strong>{coverageWords(coverage)}</strong>
      </p>
      <span className={classes.track} aria-hidden>
        <span
          className={classes.bar}
          data-tone={whole ? 'good' : 'bad'}
          style={{ width: `${(coverage.share * 100).toFixed(2)}%` }}
        />
      </span>
      {coverage.unused.map((unused) => (
        <Names key={unused.kind} unused={unused} />
      ))}
    </>
  );
}

const KINDS: Record<Unused['kind'], string> = {
  missing: 'Missing: the network has a place for it, and the file does not have it',
  unexpected: 'Unexpected: the file has it, and the network has no place for it',
  ignored: 'Ignored: the file has it, and nothing computes with it',
};

function Names({ unused: { kind, names, more } }: { readonly unused: Unused }) {
  return (
    <div className={classes.unused}>
      <p>{`${KINDS[kind]} (${names.length}${more ? ' or more' : ''})`}</p>
      <ul>
        {names.map((name) => (
          <li key={name}>
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}
