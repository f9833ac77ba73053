// Rolls a channel back: shows first what would move, and does that and nothing else.

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModulePath } from '@/api/client';
import { fromThrown } from '@/api/problem';
import type { ChannelView, ReleaseSummary, RollbackView } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { rollbackPreviewQuery, useRollBack } from '@/queries/actions';
import { versionsQuery } from '@/queries/modules';
import { StateBadge, VerdictBadge } from '@/ui/badges';
import { Changed } from './Changed';
import { previewChanges } from './changed';
import { DialogForm } from './DialogForm';
import { ConfirmField, ReasonField, useFields } from './fields';
import { FromTo } from './FromTo';
import classes from './RollbackDialog.module.css';
import { isHealthy } from './standing';
import { VersionSelect } from './VersionSelect';

export interface RollbackDialogProps {
  readonly module: ModulePath;
  readonly channel: ChannelView;
  readonly onDone: (said: string) => void;
  readonly onClose: () => void;
}

export function RollbackDialog({ module, channel, onDone, onClose }: RollbackDialogProps) {
  const path = { namespace: module.namespace, name: module.name, channel: channel.name };
  const phrase = `${module.name}@${channel.name}`;
  const fields = useFields(phrase);
  const [wanted, setWanted] = useState<string | null>(null);
  const [changes, setChanges] = useState<readonly string[]>([]);
  const { data: releases = [] } = useQuery(versionsQuery(module));
  const preview = useQuery(rollbackPreviewQuery(path, wanted));
  const rollBack = useRollBack(path);
  const moved = rollBack.error !== null && fromThrown(rollBack.error).status === 412;
  const plan = preview.data;

  const renew = async (before: RollbackView) => {
    const { data: after } = await preview.refetch();
    if (after) setChanges(previewChanges(before, after));
  };
  const submit = () => {
    if (!fields.check() || !plan) return;
    setChanges([]);
    rollBack.mutate(
      // By its name: were it not healthy any more, nothing else is chosen in its place.
      { to: plan.to, reason: fields.reason.trim(), generation: plan.generation },
      {
        onSuccess: (done) => {
          onDone(`${done.channel} went back from ${done.from ?? 'nothing'} to ${done.to}.`);
        },
        onError: (error) => {
          if (fromThrown(error).status === 412) void renew(plan);
        },
      },
    );
  };
  return (
    <DialogForm
      title={`Roll back ${phrase}`}
      act={plan ? `Roll back to ${plan.to}` : 'Roll back'}
      pending={rollBack.isPending || preview.isFetching}
      error={rollBack.error}
      disabled={!plan}
      onSubmit={submit}
      onClose={onClose}
    >
      <section className={classes.preview} aria-label="What would move" aria-live="polite">
        <Loaded query={preview} lines={2}>
          {(view) => <Plan plan={view} releases={releases} />}
        </Loaded>
      </section>
      <Changed changes={moved ? changes : []} />
      <VersionSelect
        label="Go back to"
        description="Only releases that are published or deprecated."
        placeholder="The last healthy release that it pointed at"
        clearable
        releases={releases.filter(
          ({ version, state }) => isHealthy(state) && version !== channel.version,
        )}
        value={wanted}
        onChange={(version) => {
          setWanted(version);
          setChanges([]);
          rollBack.reset();
        }}
      />
      <ReasonField fields={fields} example="1.2.0 is slow on long mails" />
      <ConfirmField fields={fields} phrase={phrase} />
    </DialogForm>
  );
}

interface PlanProps {
  readonly plan: RollbackView;
  readonly releases: readonly ReleaseSummary[];
}

function Plan({ plan, releases }: PlanProps) {
  const target = releases.find(({ version }) => version === plan.to);
  return (
    <>
      <FromTo
        channel={plan.channel}
        from={plan.from}
        to={plan.to}
        beside={
          <>
            {target && <StateBadge state={target.state} />}
            {plan.to_verdict && <VerdictBadge verdict={plan.to_verdict} />}
          </>
        }
      />
      {plan.to_verdict === 'unknown' && (
        <p>It is not known whether {plan.to} works with what it attaches to.</p>
      )}
      {plan.passed_over.length > 0 && (
        <div>
          <p>Passed over on the way back:</p>
          <ul>
            {plan.passed_over.map(({ version, reason }) => (
              <li key={version}>
                <code>{version}</code>: {reason}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
