// Points a channel at a release, or makes one.

import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModulePath } from '@/api/client';
import { fromThrown } from '@/api/problem';
import type { ChannelView, ReleaseSummary } from '@/api/types';
import { useChannelNow, usePointChannel } from '@/queries/actions';
import { versionsQuery } from '@/queries/modules';
import { Changed } from './Changed';
import { channelChanges } from './changed';
import { DialogForm } from './DialogForm';
import { ReasonField, useFields } from './fields';
import { FromTo } from './FromTo';
import classes from './PointDialog.module.css';
import { isHealthy } from './standing';
import { VersionSelect } from './VersionSelect';

export interface PointDialogProps {
  readonly module: ModulePath;
  /** None for one that is to be made. */
  readonly channel: ChannelView | null;
  readonly version?: string | undefined;
  readonly onDone: (said: string) => void;
  readonly onClose: () => void;
}

const NEW: ChannelView = { name: '', version: null, generation: 0 };

export function PointDialog({ module, channel, version, onDone, onClose }: PointDialogProps) {
  const fields = useFields(null);
  const [seen, setSeen] = useState(channel ?? NEW);
  const [changes, setChanges] = useState<readonly string[]>([]);
  const [name, setName] = useState(channel?.name ?? '');
  const [wanted, setWanted] = useState(version ?? null);
  const [tried, setTried] = useState(false);
  const { data: releases = [] } = useQuery(versionsQuery(module));
  const channelNow = useChannelNow({ ...module, channel: name });
  const point = usePointChannel(module);

  const lookAgain = async () => {
    const now = await channelNow().catch(() => null);
    if (!now) return;
    setChanges(channelChanges({ ...seen, name: now.name }, now));
    setSeen(now);
  };
  const submit = () => {
    setTried(true);
    // Everything that is missing is said at once.
    if (!fields.check() || name.trim() === '' || wanted === null) return;
    setChanges([]);
    const { generation } = seen;
    const pointing = { channel: name.trim(), version: wanted, reason: fields.reason.trim() };
    point.mutate(
      { ...pointing, generation },
      {
        onSuccess: (done) => {
          onDone(`${done.name} points at ${done.version ?? 'nothing'} now.`);
        },
        onError: (error) => {
          if (fromThrown(error).status === 412) void lookAgain();
        },
      },
    );
  };
  return (
    <DialogForm
      title={channel ? `Point ${module.name}@${channel.name}` : `New channel of ${module.name}`}
      act={wanted ? `Point at ${wanted}` : 'Point'}
      pending={point.isPending}
      error={point.error}
      onSubmit={submit}
      onClose={onClose}
    >
      {(channel ?? seen.generation > 0) ? (
        <FromTo channel={seen.name} from={seen.version} to={wanted ?? '…'} />
      ) : (
        <TextInput
          label="Name"
          description="Begins with a small letter, as stable or canary."
          placeholder="stable"
          withAsterisk
          required
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          data-autofocus
          value={name}
          error={tried && name.trim() === '' ? 'Give it a name.' : null}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
      )}
      <Changed changes={changes} />
      <VersionSelect
        label="Release"
        description="Only releases that are published or deprecated."
        placeholder="Choose a release"
        required
        releases={releases.filter((release) => isHealthy(release.state))}
        value={wanted}
        error={tried && wanted === null ? 'Choose a release.' : null}
        onChange={setWanted}
      />
      <Warning release={releases.find((release) => release.version === wanted)} />
      <ReasonField fields={fields} example="Evaluated on the June mails" />
    </DialogForm>
  );
}

/** What speaks against the release, said before and not after. */
function Warning({ release }: { readonly release: ReleaseSummary | undefined }) {
  if (!release) return null;
  const said: string[] = [];
  if (release.verdict === 'incompatible') {
    said.push('It was proven not to work with what it attaches to.');
  }
  if (release.verdict === 'unknown') {
    said.push('It is not known whether it works with what it attaches to.');
  }
  if (release.state === 'deprecated') {
    said.push(`It is deprecated: ${release.state_reason ?? 'nobody said why'}.`);
  }
  if (said.length === 0) return null;
  return <p className={classes.warning}>{said.join(' ')}</p>;
}
