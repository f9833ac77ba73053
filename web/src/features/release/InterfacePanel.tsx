// The contract of a release: what goes in, what comes out, what adapters hold on to.

import { useQuery } from '@tanstack/react-query';
import { PlugZap } from 'lucide-react';
import type { Interface, Port } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { interfaceQuery, type ReleasePath } from '@/queries/releases';
import { Facts } from '@/ui/Facts';
import { formatCount } from '@/ui/format';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';
import classes from './InterfacePanel.module.css';

export function InterfacePanel({ path }: { readonly path: ReleasePath }) {
  const query = useQuery(interfaceQuery(path));
  return (
    <Section title="Interface">
      <Loaded query={query} lines={3}>
        {(contract) =>
          contract && !isEmpty(contract) ? (
            <Contract contract={contract} />
          ) : (
            <Message icon={PlugZap} title="No interface is known">
              <p>It is read from the files while the release is verified.</p>
            </Message>
          )
        }
      </Loaded>
    </Section>
  );
}

function isEmpty({ architecture, inputs, outputs, attach_points }: Interface): boolean {
  return !architecture && !inputs?.length && !outputs?.length && !attach_points?.length;
}

function Contract({ contract }: { readonly contract: Interface }) {
  const { architecture, precision, inputs = [], outputs = [], attach_points = [] } = contract;
  return (
    <Facts
      lines={[
        ['Architecture', architecture],
        ['Precision', precision],
        ['Inputs', <Ports key="inputs" ports={inputs} />],
        ['Outputs', <Ports key="outputs" ports={outputs} />],
        [
          'Attach points',
          attach_points.length > 0 ? `${formatCount(attach_points.length)} parameters` : null,
        ],
      ]}
    />
  );
}

function Ports({ ports }: { readonly ports: readonly Port[] }) {
  if (ports.length === 0) return <>none</>;
  return (
    <ul className={classes.ports}>
      {ports.map(({ name, dtype, dims, semantics }) => (
        <li key={name}>
          <code>{name}</code>
          <span>
            {dtype} {dims.length > 0 && `[${dims.join(', ')}]`}
            {semantics && `, ${semantics}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
