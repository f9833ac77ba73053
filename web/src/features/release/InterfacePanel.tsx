// The contract of a release: what goes in, what comes out, what adapters hold on to.

import { useQuery } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import type { Interface, Port } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { interfaceQuery, type ReleasePath } from '@/queries/releases';
import { CopyDigest } from '@/ui/CopyDigest';
import { type Column, DataTable } from '@/ui/DataTable';
import { plural } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import { Stack } from '@/ui/Stack';
import { AttachPoints } from './AttachPoints';
import classes from './InterfacePanel.module.css';

export function InterfacePanel({ path }: { readonly path: ReleasePath }) {
  const query = useQuery(interfaceQuery(path));
  const contract = query.data;
  if (contract && !isEmpty(contract)) return <Contract contract={contract} />;
  return (
    <Section title="Interface">
      <Loaded query={query} lines={6}>
        {() => (
          <Message icon={PlugZap} title="No interface is known">
            <p>It is read from the files while the release is verified.</p>
          </Message>
        )}
      </Loaded>
    </Section>
  );
}

function isEmpty({ architecture, inputs, outputs, attach_points }: Interface): boolean {
  return !architecture && !inputs?.length && !outputs?.length && !attach_points?.length;
}

function Contract({ contract }: { readonly contract: Interface }) {
  const { architecture, precision, inputs = [], outputs = [], attach_points = [] } = contract;
  const kind = [architecture && `${architecture} architecture`, precision].filter(Boolean);
  return (
    <Stack>
      <Section title="Ports" {...(kind.length > 0 && { aside: kind.join(', ') })}>
        <Ports title="Takes" ports={inputs} />
        <Ports title="Gives" ports={outputs} />
      </Section>
      {attach_points.length > 0 ? (
        <AttachPoints points={attach_points} />
      ) : (
        <Section title="Attach points">
          <Message icon={PlugZap} title="Nothing attaches to its parameters">
            <p>Backbones have attach points; what is put on one has none.</p>
          </Message>
        </Section>
      )}
    </Stack>
  );
}

interface PortsProps {
  readonly title: string;
  readonly ports: readonly Port[];
}

function Ports({ title, ports }: PortsProps) {
  return (
    <div className={classes.ports}>
      <h3 className={classes.title}>
        {title}{' '}
        <span>{ports.length > 0 ? plural(ports.length, 'port') : 'nothing that is known'}</span>
      </h3>
      {ports.length > 0 && (
        <DataTable
          label={title}
          columns={columnsOf(ports)}
          rows={ports}
          rowKey={({ name }) => name}
        />
      )}
    </div>
  );
}

/** Columns in which no port says anything are left out. */
function columnsOf(ports: readonly Port[]): Column<Port>[] {
  const optional: (Column<Port> & { readonly said: (port: Port) => unknown })[] = [
    {
      title: 'Meaning',
      said: ({ semantics }) => semantics,
      cell: ({ semantics }) => semantics ?? '—',
    },
    {
      title: 'Modality',
      said: ({ modality }) => modality,
      cell: ({ modality }) => modality ?? '—',
    },
    {
      title: 'Normalised',
      said: ({ normalisation }) => normalisation,
      cell: ({ normalisation }) => normalisation ?? '—',
    },
    {
      title: 'Vocabulary',
      said: ({ vocabulary }) => vocabulary,
      cell: ({ vocabulary }) => (vocabulary ? <CopyDigest digest={vocabulary} /> : '—'),
    },
  ];
  return [
    { title: 'Name', wide: true, cell: ({ name }) => <code>{name}</code> },
    { title: 'Type', cell: ({ dtype }) => dtype },
    {
      title: 'Shape',
      cell: ({ dims }) => <code>{dims.length > 0 ? dims.join(' × ') : 'scalar'}</code>,
    },
    ...optional.filter(({ said }) => ports.some(said)),
  ];
}
