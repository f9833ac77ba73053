// Figures on a scale with zones: where they lie, and where the borders are.

import type { Tone } from './Badge';
import classes from './Gauge.module.css';

export interface Zone {
  /** Where it ends, from 0 (left) to 1 (right). */
  readonly to: number;
  readonly tone: Tone;
  readonly word: string;
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Mark {
  readonly at: number;
  /** The one that is judged is filled. */
  readonly kind: 'judged' | 'aside';
  /** What it is, for the legend, as `Mean cosine 0.998`. */
  readonly says: string;
}

export interface GaugeProps {
  /** What is to be seen, in a sentence. */
  readonly label: string;
  readonly zones: readonly Zone[];
  readonly ticks: readonly Tick[];
  readonly marks: readonly Mark[];
}

const share = (value: number) => `${(value * 100).toFixed(2)}%`;

export function Gauge({ label, zones, ticks, marks }: GaugeProps) {
  return (
    <figure className={classes.gauge}>
      <div role="img" aria-label={label} className={classes.drawing}>
        <div className={classes.track}>
          {zones.map(({ to, tone, word }, at) => (
            <span
              key={word}
              className={classes.zone}
              data-tone={tone}
              style={{ width: share(to - (zones[at - 1]?.to ?? 0)) }}
            >
              <span>{word}</span>
            </span>
          ))}
          {marks.map(({ at, kind, says }) => (
            <span
              key={says}
              className={classes.mark}
              data-kind={kind}
              style={{ left: share(at) }}
            />
          ))}
        </div>
        <div className={classes.ticks}>
          {ticks.map((tick) => (
            <span key={tick.label} style={{ left: share(tick.at) }}>
              {tick.label}
            </span>
          ))}
        </div>
      </div>
      <figcaption className={classes.legend}>
        {marks.map(({ kind, says }) => (
          <span key={says}>
            <i className={classes.sign} data-kind={kind} aria-hidden /> {says}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
