// A module that nothing requires.

import { Link } from '@tanstack/react-router';
import { PackageOpen, Unplug } from 'lucide-react';
import type { ModulePath } from '@/api/client';
import { Message } from '@/ui/Message';
import { Section } from '@/ui/Section';

export interface NoDependentsProps {
  readonly module: ModulePath;
  /** Whether it has a release at all. */
  readonly published: boolean;
}

export function NoDependents({ module, published }: NoDependentsProps) {
  const name = `${module.namespace}/${module.name}`;
  return (
    <Section title="What fits on which release">
      <Message
        icon={published ? Unplug : PackageOpen}
        title={published ? `Nothing requires ${name} yet` : `${name} has no release yet`}
      >
        <p>
          An adapter, head, decoder, bridge or router gets a row here as soon as a release of it is
          published whose manifest names <code>{name}</code> under <code>requires</code>. Every
          release of this module is a column, every pair a cell with its verdict and the reasons.
        </p>
        <p>
          <Link to="/modules/$namespace/$name" params={module}>
            Back to {module.name}
          </Link>
        </p>
      </Message>
    </Section>
  );
}
