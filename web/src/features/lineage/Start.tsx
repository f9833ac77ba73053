// Where no lineage is asked for yet: what it is, and a choice of where to begin.

import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ArrowRight, Database, Search } from 'lucide-react';
import { type SyntheticEvent, useState } from 'react';
import type { ModuleSummary } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { foundModulesQuery } from '@/queries/modules';
import { KindIcon } from '@/ui/badges';
import { words } from '@/ui/format';
import { Section } from '@/ui/Section';
import { CHOICES } from './search';
import classes from './Start.module.css';

export function Start() {
  return (
    <div className={classes.start}>
      <Section title="What this shows">
        <div className={classes.text}>
          <ol className={classes.chain} aria-label="From left to right">
            <li>Data sets and models of other places</li>
            <li>Backbones</li>
            <li>Adapters, heads, decoders, bridges</li>
            <li>What was made from these</li>
          </ol>
          <p>
            Every manifest names what its release was made from: a base model, parents, data sets,
            the backbone that it attaches to. Put together that is one graph. Begin anywhere in it:
            at a release, to learn what it rests on and what rests on it; or at a data set, to learn
            what has to be made again when it turns out to be wrong.
          </p>
        </div>
      </Section>
      <div className={classes.choices}>
        <FromRelease />
        <FromSource />
      </div>
    </div>
  );
}

function FromRelease() {
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), 120);
  const query = useQuery(foundModulesQuery(wanted, CHOICES));
  return (
    <Section title="Begin at a release">
      <div className={classes.box}>
        <TextInput
          type="search"
          aria-label="Search modules by name"
          placeholder="Search modules by name"
          leftSection={<Search size={16} aria-hidden />}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
          }}
        />
        <Loaded query={query}>
          {({ items }) =>
            items.length === 0 ? (
              <p className={classes.none}>No module is called so.</p>
            ) : (
              <ul className={classes.list}>
                {items.map((module) => (
                  <Choice key={module.name} module={module} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Section>
  );
}

function Choice({
  module: { name, kind, latest_version: version },
}: {
  readonly module: ModuleSummary;
}) {
  return (
    <li className={classes.choice}>
      <KindIcon kind={kind} />
      {version ? (
        <Link to="/lineage" search={{ of: `${name}@${version}` }}>
          {name} {version}
        </Link>
      ) : (
        <span>{name}</span>
      )}
      <span className={classes.kind}>{version ? words(kind) : 'No release that may be used'}</span>
    </li>
  );
}

function FromSource() {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  const go = (kind: 'dataset' | 'model') => {
    if (name.trim()) void navigate({ to: '/lineage', search: { of: `${kind}:${name.trim()}` } });
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    go('dataset');
  };
  return (
    <Section title="Begin at a data set or a model of another place">
      <form className={classes.box} onSubmit={submit}>
        <TextInput
          label="Its name"
          description="As manifests write it, such as acme/support-mails or google/bert-base."
          leftSection={<Database size={16} aria-hidden />}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
          }}
        />
        <div className={classes.buttons}>
          <Button
            type="submit"
            size="xs"
            disabled={!name.trim()}
            rightSection={<ArrowRight size={14} aria-hidden />}
          >
            It is a data set
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={!name.trim()}
            rightSection={<ArrowRight size={14} aria-hidden />}
            onClick={() => {
              go('model');
            }}
          >
            It is a model
          </Button>
        </div>
      </form>
    </Section>
  );
}
