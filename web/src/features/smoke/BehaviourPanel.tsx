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

function likenessZones(watchedBelow: number, refusedBelow: number): readonly Zone[] {
  return [
    { to: cosinePlace(watchedBelow), tone: 'good', word: 'The same' },
    { to: cosinePlace(refusedBelow), tone: 'warn', word: 'Look' },
    { to: 1, tone: 'bad', word: 'Another behaviour' },
  ];
}

function likenessTicks(watchedBelow: number, refusedBelow: number): readonly Tick[] {
  return [0.999, watchedBelow, refusedBelow, 0.5, -1].map((likeness) => ({
    at: cosinePlace(likeness),
    label: String(likeness).replace('-', '−'),
  }));
}

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

function DriftGauge({ check, decides }: DriftGaugeProps) {
  const figures = new Figures(check.figures);
  const correlation = figures.number('correlation');
  const likeness = correlation ?? figures.number('cosine_mean');
  const most = figures.number('max_abs');
  const watchedBelow = figures.number('watched_below') ?? WATCHED_BELOW;
  const refusedBelow = figures.number('refused_below') ?? REFUSED_BELOW;
  // A check that failed before anything could be compared has no figures.
  if (likeness === null) return null;
  // What adapters change can fail it where the answers are alike.
  const level = check.status === 'failed' ? 'other' : driftOf(likeness, watchedBelow, refusedBelow);
  const words = DRIFT_WORDS[level];
  const what = correlation === null ? 'Mean cosine' : 'Correlation';
  const aside = asideOf(figures);
  return (
    <div>
      <h3 className={classes.title}>Drift from home</h3>
      <p className={classes.text}>
        {words}{' '}
        {decides
          ? `How alike its outputs are here and there is judged: below ${watchedBelow} is worth a look, below ${refusedBelow} is refused.`
          : 'Its metric was measured on both, and that decides.'}
        {most !== null && ` No number differs by more than ${formatFigure(most)}.`}
      </p>
      <Gauge
        label={`${words} ${what} ${formatFigure(likeness)}, on a scale from 1, the same, to −1.`}
        zones={likenessZones(watchedBelow, refusedBelow)}
        ticks={likenessTicks(watchedBelow, refusedBelow)}
        marks={[
          {
            at: cosinePlace(likeness),
            kind: 'judged',
            says: `${what} ${formatFigure(likeness)}`,
          },
          ...(aside === null ? [] : [{ ...aside, kind: 'aside' } as const]),
        ]}
      />
    </div>
  );
}

/** The cosine of what adapters change, where they change something, else the lowest of a row. */
function asideOf(figures: Figures): { at: number; says: string } | null {
  const effect = figures.number('effect_cosine');
  const shown = effect ?? figures.number('cosine_min');
  if (shown === null) return null;
  const what = effect === null ? 'Lowest' : 'What adapters change:';
  return { at: cosinePlace(shown), says: `${what} ${formatFigure(shown)}` };
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
