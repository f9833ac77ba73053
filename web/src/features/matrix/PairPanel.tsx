// A cell explained: the three facts behind its verdict, the findings, the run, the releases.

import { ActionIcon } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FlaskConical, Unplug, X } from 'lucide-react';
import { useId } from 'react';
import type { PairView } from '@/api/types';
import { Loaded } from '@/features/shell/Loaded';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { type PairPath, pairQuery } from '@/queries/matrix';
import { Ago } from '@/ui/Ago';
import { VerdictBadge } from '@/ui/badges';
import { Findings } from '@/ui/Findings';
import { plural, words } from '@/ui/format';
import { Message } from '@/ui/Message';
import classes from './PairPanel.module.css';
import { FACTS, sayFact, sayVerdict } from './pairWords';

export interface PairPanelProps {
  readonly pair: PairPath;
  readonly onClose: () => void;
}

export function PairPanel({ pair, onClose }: PairPanelProps) {
  const query = useQuery(pairQuery(pair));
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={id} aria-live="polite">
      <header className={classes.head}>
        <h2 id={id}>
          <ReferenceLink reference={pair.dependent} />
          <span className={classes.on}>on </span>
          <ReferenceLink reference={pair.base} />
        </h2>
        <ActionIcon variant="subtle" color="gray" aria-label="Close" onClick={onClose}>
          <X size={16} aria-hidden />
        </ActionIcon>
      </header>
      <Loaded query={query} lines={6}>
        {(found) => (found ? <Explained pair={found} /> : <NeverPaired />)}
      </Loaded>
    </section>
  );
}

function NeverPaired() {
  return (
    <Message icon={Unplug} title="They were never paired">
      <p>
        A pair is looked at once both are published and the first requires the module of the second.
      </p>
    </Message>
  );
}

function Explained({ pair }: { readonly pair: PairView }) {
  return (
    <>
      <div className={classes.verdict}>
        <VerdictBadge verdict={pair.verdict} />
        <span>{sayVerdict(pair.verdict, pair.facts)}</span>
      </div>
      <dl className={classes.facts}>
        {FACTS.map((fact) => (
          <div key={fact}>
            <dt>
              {words(fact)} <VerdictBadge verdict={pair.facts[fact]} />
            </dt>
            <dd>{sayFact(fact, pair.facts[fact])}</dd>
          </div>
        ))}
      </dl>
      {pair.findings.length > 0 && (
        <>
          <h3 className={classes.title}>{plural(pair.findings.length, 'finding')}</h3>
          <Findings findings={pair.findings} />
        </>
      )}
      <footer className={classes.foot}>
        {pair.smoke_run ? (
          <Link to="/smoke-runs/$id" params={{ id: pair.smoke_run }} className={classes.run}>
            <FlaskConical size={15} aria-hidden /> The smoke run behind it
          </Link>
        ) : (
          <span>No smoke run yet</span>
        )}
        <span>
          Changed <Ago at={pair.updated_at} />
        </span>
      </footer>
    </>
  );
}
