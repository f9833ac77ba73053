// With what it was run, and how to run it again.

import type { Report, SmokeRun } from '@/api/types';
import { Command } from '@/ui/Command';
import { CopyButton } from '@/ui/CopyButton';
import { Facts } from '@/ui/Facts';
import { formatBytes, plural, words } from '@/ui/format';
import { Section } from '@/ui/Section';
import { absencesOf } from './absences';
import { rerunCommands } from './rerun';
import classes from './RunFacts.module.css';

export interface RunFactsProps {
  readonly run: SmokeRun;
  readonly report: Report;
}

export function RunFacts({ run, report }: RunFactsProps) {
  const { engine, device, threads, seed, inputs, limits, sandbox } = report.run;
  const commands = rerunCommands(run, report);
  const absences = absencesOf(report);
  return (
    <Section
      title="The run"
      aside={
        <CopyButton text={JSON.stringify(report, null, 2)} label="Copy the report as JSON">
          Report as JSON
        </CopyButton>
      }
    >
      <Facts
        lines={[
          ['Engine', engine],
          ['Computed on', `${device}, ${plural(threads, 'thread')}`],
          ['Inputs', INPUTS[inputs]?.(seed) ?? inputs],
          ['Limits', limits && <Limits limits={limits} />],
          ['Confined by', sandbox.length > 0 ? sandbox.map(words).join(', ') : 'nothing'],
          [
            'Not in it',
            absences.length === 0 ? null : (
              <ul className={classes.absences}>
                {absences.map((absence) => (
                  <li key={absence}>{absence}</li>
                ))}
              </ul>
            ),
          ],
        ]}
      />
      {commands.length > 0 && (
        <div className={classes.again}>
          <Command title="Run it again on your own machine" lines={commands} />
        </div>
      )}
    </Section>
  );
}

const INPUTS: Partial<Record<string, (seed: number) => string>> = {
  probe: () => 'a probe that was given',
  release: () => 'the probe that the release ships',
  seed: (seed) => `made from seed ${seed}`,
};

function Limits({ limits }: { readonly limits: NonNullable<Report['run']['limits']> }) {
  return (
    <>
      {limits.wall_seconds} s, {limits.cpu_seconds} s of processor time,{' '}
      {formatBytes(limits.memory_bytes)} beyond the weights
    </>
  );
}
