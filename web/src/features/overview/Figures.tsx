// How it stands, in four figures that lead to what is behind them.

import { CircleCheck, LoaderCircle, TriangleAlert } from 'lucide-react';
import type { Overview } from '@/api/types';
import classes from './Figures.module.css';
import { type Figure, figuresOf } from './wrong';

export function Figures({ overview }: { readonly overview: Overview }) {
  return (
    <ul className={classes.figures} aria-label="How it stands">
      {figuresOf(overview).map((figure) => (
        <li key={figure.title} className={classes.figure} data-tone={figure.tone}>
          <OneFigure figure={figure} />
        </li>
      ))}
    </ul>
  );
}

const ICONS = {
  bad: TriangleAlert,
  warn: TriangleAlert,
  info: LoaderCircle,
  plain: CircleCheck,
  good: CircleCheck,
};

function OneFigure({ figure: { title, count, tone, part } }: { readonly figure: Figure }) {
  const Icon = ICONS[tone];
  const content = (
    <>
      <span className={classes.title}>
        <Icon size={15} aria-hidden /> {title}
      </span>{' '}
      <span className={classes.count}>{count}</span>
    </>
  );
  return part ? <a href={`#${part}`}>{content}</a> : <div>{content}</div>;
}
