// What was lost against home on the rows of the evaluation set, and whether that tells.

import { plural } from '@/ui/format';
import { Gauge, type Mark, type Tick, type Zone } from '@/ui/Gauge';
import classes from './BehaviourPanel.module.css';
import { formatScore } from './evaluation';
import { type Loss, LOSS_REFUSED, LOSS_WATCHED, lossPlace, type LossSays, lossSays } from './loss';

const ZONES: readonly Zone[] = [
  { to: lossPlace(LOSS_WATCHED), tone: 'good', word: 'As good' },
  { to: lossPlace(LOSS_REFUSED), tone: 'warn', word: 'Look' },
  { to: 1, tone: 'bad', word: 'Worse' },
];

const TICKS: readonly Tick[] = [0, LOSS_REFUSED, 0.1, 0.2].map((loss) => ({
  at: lossPlace(loss),
  label: String(loss),
}));

const WORDS: Record<LossSays, string> = {
  'as-good': 'It answers as well as on the backbone that it was made for.',
  'a-little': 'It answers a little worse than on the backbone that it was made for.',
  worse: 'It answers worse than on the backbone that it was made for.',
  unsure: 'Too few rows to tell, so the drift of its outputs decides.',
};

export function LossGauge({ loss }: { readonly loss: Loss }) {
  const words = WORDS[lossSays(loss)];
  const lost = loss.loss < 0 ? 'Gained' : 'Lost';
  const marks: readonly Mark[] = [
    {
      at: lossPlace(loss.loss),
      kind: 'judged',
      says: `${lost} ${formatScore(Math.abs(loss.loss))}`,
    },
    ...(loss.atMost === null
      ? []
      : [
          {
            at: lossPlace(loss.atMost),
            kind: 'aside',
            says: `At most ${formatScore(loss.atMost)}, with 95 % confidence`,
          } as const,
        ]),
  ];
  return (
    <div>
      <h3 className={classes.title}>Its metric against home</h3>
      <p className={classes.text}>
        {words}
        {loss.rows !== null && ` Both answered ${plural(loss.rows, 'row')}.`} A loss of more than{' '}
        {LOSS_WATCHED} is worth a look, of more than {LOSS_REFUSED} is refused.
      </p>
      <Gauge
        label={`${words} ${marks[0]?.says ?? ''}.`}
        zones={ZONES}
        ticks={TICKS}
        marks={marks}
      />
    </div>
  );
}
