// What it takes: time and memory, against the bare backbone where that was measured.

import type { Report, RunFigures } from '@/api/types';
import { formatBytes, formatCount, formatSeconds } from '@/ui/format';
import { PairedBars } from '@/ui/PairedBars';
import { Section } from '@/ui/Section';
import { Stats } from '@/ui/Stats';
import classes from './CostPanel.module.css';
import { formatRatio, pairOf } from './scale';

export function CostPanel({ report: { run } }: { readonly report: Report }) {
  const timeKnown = typeof run.bare_forward_seconds === 'number';
  const memoryKnown = typeof run.bare_peak_memory_bytes === 'number';
  return (
    <Section title="Cost">
      <div className={classes.parts}>
        {timeKnown && (
          <Against
            title="Forward pass"
            whole={run.forward_seconds}
            bare={run.bare_forward_seconds ?? 0}
            format={formatSeconds}
          />
        )}
        {memoryKnown && (
          <Against
            title="Peak memory"
            whole={run.peak_memory_bytes}
            bare={run.bare_peak_memory_bytes ?? 0}
            format={formatBytes}
          />
        )}
        <Stats
          figures={[
            ['Loading', formatSeconds(run.load_seconds)],
            ['Forward pass', timeKnown ? null : formatSeconds(run.forward_seconds)],
            ['Peak memory', memoryKnown ? null : formatBytes(run.peak_memory_bytes)],
            ['Backbone', run.backbone_parameters > 0 ? parameters(run.backbone_parameters) : null],
            ['Put on it', run.module_parameters > 0 ? <PutOn key="put" run={run} /> : null],
          ]}
        />
      </div>
    </Section>
  );
}

function parameters(count: number): string {
  return `${formatCount(count)} parameters`;
}

function PutOn({ run }: { readonly run: RunFigures }) {
  const share = run.module_parameters / run.backbone_parameters;
  return (
    <>
      {parameters(run.module_parameters)}
      {Number.isFinite(share) && (
        <span
          className={classes.share}
        >{` ${(share * 100).toPrecision(2)} % of the backbone`}</span>
      )}
    </>
  );
}

interface AgainstProps {
  readonly title: string;
  readonly whole: number;
  readonly bare: number;
  readonly format: (value: number) => string;
}

function Against({ title, whole, bare, format }: AgainstProps) {
  const { first, second, ratio } = pairOf(whole, bare);
  return (
    <PairedBars
      title={title}
      outcome={ratio === null ? null : `${formatRatio(ratio)} the bare backbone`}
      first={{ name: 'With it', value: format(whole), share: first }}
      second={{ name: 'Bare backbone', value: format(bare), share: second }}
    />
  );
}
