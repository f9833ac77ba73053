// What the adapter does to each parameter that it changes, layer by layer.

import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Report, Update } from '@/api/types';
import { Choices } from '@/ui/Choices';
import { plural } from '@/ui/format';
import { Section } from '@/ui/Section';
import { formatShare } from './amounts';
import { type Measure, largestOf, MEASURES, stripsOf } from './updates';
import classes from './UpdatePanel.module.css';
import { UpdateStrip } from './UpdateStrip';
import { UpdateTable } from './UpdateTable';

/** Nothing, where nothing adapts or the engine did not measure it. */
export function UpdatePanel({ report: { updates = [] } }: { readonly report: Report }) {
  const shown = useSearch({ strict: false, select: readMeasure });
  const navigate = useNavigate();
  if (updates.length === 0) return null;
  const measures = MEASURES.filter((one) => one !== 'rank' || updates.some(hasRank));
  const measure = measures.find((one) => one === shown) ?? 'relative';
  const { strips, apart } = stripsOf(updates);
  return (
    <Section
      title="Updates by layer"
      aside={`${plural(updates.length, 'parameter')} of the backbone changed`}
    >
      <div className={classes.top}>
        <Largest updates={updates} />
        <Choices
          label="What the bars show"
          value={measure}
          choices={measures.map((one) => ({ value: one, label: WORDS[one] }))}
          onChange={(chosen) => {
            void navigate({
              to: '.',
              search: (before) => ({
                ...before,
                measure: chosen === 'relative' ? undefined : chosen,
              }),
              replace: true,
              resetScroll: false,
            });
          }}
        />
      </div>
      <p className={classes.text}>{TEXTS[measure]}</p>
      {strips.map((strip) => (
        <UpdateStrip key={strip.stack} strip={strip} updates={updates} measure={measure} />
      ))}
      {apart.length > 0 && (
        <p className={classes.text}>
          Outside of the layers: {apart.map(({ parameter }) => parameter).join(', ')}.
        </p>
      )}
      <UpdateTable updates={updates} />
    </Section>
  );
}

function readMeasure(search: { readonly measure?: Measure | undefined }): Measure | undefined {
  return search.measure;
}

function hasRank({ effective_rank }: Update): boolean {
  return typeof effective_rank === 'number';
}

const WORDS: Record<Measure, string> = {
  relative: 'Relative norm',
  norm: 'Norm',
  rank: 'Effective rank',
};

const TEXTS: Record<Measure, string> = {
  relative: 'The norm of each change, as a share of the norm of the parameter that it changes.',
  norm: 'The Frobenius norm of each change.',
  rank: 'How many directions each change really uses; the outline is how many it could.',
};

function Largest({ updates }: { readonly updates: readonly Update[] }) {
  const largest = largestOf(updates);
  if (!largest) return null;
  return (
    <p className={classes.largest}>
      At most {formatShare(largest.relative_norm ?? 0)} of a parameter:{' '}
      <code>{largest.parameter}</code>
    </p>
  );
}
