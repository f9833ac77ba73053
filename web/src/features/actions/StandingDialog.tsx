// Deprecates, yanks, quarantines or restores a release, and tells before what becomes of its channels.

import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModulePath } from '@/api/client';
import { fromThrown } from '@/api/problem';
import type { ChannelView, ReleaseSummary } from '@/api/types';
import { rollbackPreviewQuery, type Standing, useChangeStanding } from '@/queries/actions';
import { channelsQuery } from '@/queries/modules';
import { DialogForm } from './DialogForm';
import { ConfirmField, ReasonField, useFields } from './fields';
import { FromTo } from './FromTo';
import classes from './RollbackDialog.module.css';
import { STANDINGS } from './standing';

export interface StandingDialogProps {
  readonly module: ModulePath;
  readonly standing: Standing;
  readonly release: ReleaseSummary;
  readonly onDone: (said: string) => void;
  readonly onClose: () => void;
}

export function StandingDialog({
  module,
  standing,
  release,
  onDone,
  onClose,
}: StandingDialogProps) {
  const { version } = release;
  const words = STANDINGS[standing];
  const phrase = `${module.name}@${version}`;
  const grave = standing === 'quarantine';
  const fields = useFields(grave ? phrase : null);
  const [replacement, setReplacement] = useState('');
  const change = useChangeStanding(module);
  const submit = () => {
    if (!fields.check()) return;
    const instead = replacement.trim();
    change.mutate(
      { standing, version, reason: fields.reason.trim(), ...(instead && { replacement: instead }) },
      {
        onSuccess: () => {
          onDone(`${phrase} was ${words.done}.`);
        },
      },
    );
  };
  return (
    <DialogForm
      title={`${words.act} ${phrase}`}
      act={`${words.act} ${version}`}
      grave={grave}
      pending={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>{words.means}</p>
      {standing !== 'restore' && <Affected module={module} version={version} leave={grave} />}
      <ReasonField fields={fields} example={words.why} />
      {standing !== 'restore' && (
        <TextInput
          label="What to use instead"
          description="Where there is something better: namespace/name@version."
          placeholder={`${module.namespace}/${module.name}@…`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={replacement}
          onChange={(event) => {
            setReplacement(event.currentTarget.value);
          }}
        />
      )}
      {grave && <ConfirmField fields={fields} phrase={phrase} />}
    </DialogForm>
  );
}

interface AffectedProps {
  readonly module: ModulePath;
  readonly version: string;
  /** Whether channels leave it. */
  readonly leave: boolean;
}

/** The channels that point at it, and what becomes of them. */
function Affected({ module, version, leave }: AffectedProps) {
  const { data: channels = [] } = useQuery(channelsQuery(module));
  const pointing = channels.filter((channel) => channel.version === version);
  if (pointing.length === 0) return <p>No channel points at it.</p>;
  if (!leave) {
    const names = pointing.map(({ name }) => name).join(', ');
    return (
      <p>
        {names} {pointing.length === 1 ? 'points' : 'point'} at it, and will go on to.
      </p>
    );
  }
  return (
    <section className={classes.preview} aria-label="Channels that will move" aria-live="polite">
      {pointing.map((channel) => (
        <Fate key={channel.name} module={module} channel={channel} />
      ))}
    </section>
  );
}

/** A quarantine leads a channel where a rollback would. */
function Fate({ module, channel }: { readonly module: ModulePath; readonly channel: ChannelView }) {
  const path = { namespace: module.namespace, name: module.name, channel: channel.name };
  const { data, error } = useQuery(rollbackPreviewQuery(path, null));
  if (data) return <FromTo channel={channel.name} from={channel.version} to={data.to} />;
  if (error && fromThrown(error).code === 'no_healthy_target') {
    return <FromTo channel={channel.name} from={channel.version} to={null} />;
  }
  return (
    <p>
      <strong>{channel.name}</strong> leaves it for its last healthy release.
    </p>
  );
}
