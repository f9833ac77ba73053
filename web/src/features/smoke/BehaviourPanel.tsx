// How it behaves: against its home, against what its maker saw, and against the bare backbone.

import type { Report } from '@/api/types';
import { formatFigure } from '@/ui/format';
import { Gauge, type Tick, type Zone } from '@/ui/Gauge';
import { Section } from '@/ui/Section';
import { Stats } from '@/ui/Stats';
import classes from './BehaviourPanel.module.css';
import { type CheckLine, madeCheck } from './checks';
import { Figures } from './figures';
import { lossOf } from './loss';
import { LossGauge } from './LossGauge';
import { cosinePlace, type Drift, driftOf, logPlace, REFUSED_BELOW, WATCHED_BELOW } from './scale';

export function BehaviourPanel({ report }: { readonly report: Report }) {
  const [drift, golden, effect] = ['drift', 'golden', 'adapter_effect'].map((name) =>
    madeCheck(report, name),
  );
  const loss = lossOf(report);
  if (!drift && !golden && !effect && !loss) return null;
  return (
    <Section title="Behaviour">
      <div className={classes.parts}>
        {loss && <LossGauge loss={loss} />}
        {drift && <DriftGauge check={drift} decides={!loss?.decides} />}
        {golden && <GoldenGauge check={golden} />}
        {effect && <Effect check={effect} />}
      </div>
    </Section>
  );
}

const COSINE_ZONES: readonly Zone[] = [
  { to: cosinePlace(WATCHED_BELOW), tone: 'good', word: 'The same' },
  { to: cosinePlace(REFUSED_BELOW), tone: 'warn', word: 'Look' },
  { to: 1, tone: 'bad', word: 'Another behaviour' },
];

const COSINE_TICKS: readonly Tick[] = [0.999, WATCHED_BELOW, REFUSED_BELOW, 0.5, -1].map(
  (cosine) => ({ at: cosinePlace(cosine), label: String(cosine).replace('-', '−') }),
);

const DRIFT_WORDS: Record<Drift, string> = {
  same: 'It behaves as on the backbone that it was made for.',
  watched: 'Close to its home, and not the same: evaluate it here before relying on it.',
  other: 'It behaves otherwise than on the backbone that it was made for.',
};

interface DriftGaugeProps {
  readonly check: CheckLine;
  /** Unless its metric at home and here does. */
  readonly decides: boolean;
}

const JUDGED = `The mean of the cosines between its outputs here and there is judged: below ${WATCHED_BELOW} is worth a look, below ${REFUSED_BELOW} is refused.`;

function DriftGauge({ check, decides }: DriftGaugeProps) {
  const figures = new Figures(check.figures);
  const mean = figures.number('cosine_mean');
  const least = figures.number('cosine_min');
  const most = figures.number('max_abs');
  // A check that failed before anything could be compared has no figures.
  if (mean === null) return null;
  const words = DRIFT_WORDS[driftOf(mean)];
  return (
    <div>
      <h3 className={classes.title}>Drift from home</h3>
      <p className={classes.text}>
        {words} {decides ? JUDGED : 'Its metric was measured on both, and that decides.'}
        {most !== null && ` No number differs by more than ${formatFigure(most)}.`}
      </p>
      <Gauge
        label={`${words} Mean cosine ${formatFigure(mean)}, on a scale from 1, the same, to −1.`}
        zones={COSINE_ZONES}
        ticks={COSINE_TICKS}
        marks={[
          { at: cosinePlace(mean), kind: 'judged', says: `Mean cosine ${formatFigure(mean)}` },
          ...(least === null
            ? []
            : [
                {
                  at: cosinePlace(least),
                  kind: 'aside',
                  says: `Lowest ${formatFigure(least)}`,
                } as const,
              ]),
        ]}
      />
    </div>
  );
}

const [SMALLEST, LARGEST] = [1e-8, 1];
const errorPlace = (error: number) => logPlace(error, SMALLEST, LARGEST);

function GoldenGauge({ check }: { readonly check: CheckLine }) {
  const figures = new Figures(check.figures);
  const error = figures.number('max_abs_error');
  const tolerance = figures.number('tolerance');
  if (error === null || tolerance === null) return null;
  const words = `The golden outputs are met within ${formatFigure(error)}; ${formatFigure(tolerance)} is tolerated.`;
  return (
    <div>
      <h3 className={classes.title}>Against its golden outputs</h3>
      <p className={classes.text}>
        The largest difference to the outputs that came with it, and what it tolerates.
      </p>
      <Gauge
        label={check.status === 'failed' ? words.replace('are met', 'are missed') : words}
        zones={[
          { to: errorPlace(tolerance), tone: 'good', word: 'Tolerated' },
          { to: 1, tone: 'bad', word: 'Too far' },
        ]}
        ticks={[1e-6, tolerance, 1].map((at) => ({ at: errorPlace(at), label: formatFigure(at) }))}
        marks={[
          {
            at: errorPlace(error),
            kind: 'judged',
            says: `Largest difference ${formatFigure(error)}`,
          },
        ]}
      />
    </div>
  );
}

function Effect({ check }: { readonly check: CheckLine }) {
  const figures = new Figures(check.figures);
  const [most, mean] = [figures.number('max_abs'), figures.number('mean_abs')];
  const brought = figures.names('new_outputs') ?? [];
  if (most === null && mean === null) return null;
  return (
    <div>
      <h3 className={classes.title}>What the adapter changes</h3>
      <p className={classes.text}>The backbone&rsquo;s outputs with it, less those without it.</p>
      <Stats
        figures={[
          ['On average', mean === null ? null : formatFigure(mean)],
          ['At most', most === null ? null : formatFigure(most)],
          ['Outputs of its own', brought.join(', ')],
        ]}
      />
    </div>
  );
}
