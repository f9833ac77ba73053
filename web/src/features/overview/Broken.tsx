// Pairs that were found not to work, by the release that broke them.

import type { BrokenPair } from '@/api/types';
import { Sign } from '@/features/history/Sign';
import { SIGNS } from '@/features/history/said';
import { pairPath } from '@/features/shell/paths';
import { ReferenceLink } from '@/features/shell/ReferenceLink';
import { Section } from '@/ui/Section';
import { Ticked } from '@/ui/Ticked';
import classes from './Broken.module.css';
import { Line, Lines } from './Lines';
import { byBase, counted } from './wrong';

export function Broken({ pairs }: { readonly pairs: readonly BrokenPair[] }) {
  if (pairs.length === 0) return null;
  const [tone, icon] = SIGNS.refused;
  return (
    <div id="broken" className={classes.part}>
      <Section title="Broken pairs" aside={counted(pairs.length)}>
        {byBase(pairs).map(({ base, pairs: of }) => (
          <div key={base} className={classes.base}>
            <p className={classes.on}>
              On <ReferenceLink reference={base} />
            </p>
            <Lines>
              {of.map(({ dependent, reason, since }) => (
                <Line
                  key={dependent}
                  sign={<Sign tone={tone} icon={icon} />}
                  title={`${dependent} does not work`}
                  path={pairPath(dependent, base)}
                  text={reason && <Ticked text={reason} />}
                  at={since}
                />
              ))}
            </Lines>
          </div>
        ))}
      </Section>
    </div>
  );
}
