// Releases in quarantine, and attempts that were refused.

import type { ReleaseBrief } from '@/api/types';
import { Sign } from '@/features/history/Sign';
import { SIGNS } from '@/features/history/said';
import { draftPath, releasePath } from '@/features/shell/paths';
import { KindBadge } from '@/ui/badges';
import { plural } from '@/ui/format';
import { Section } from '@/ui/Section';
import { Ticked } from '@/ui/Ticked';
import classes from './Broken.module.css';
import { Line, Lines } from './Lines';
import { counted } from './wrong';

interface ListProps {
  readonly releases: readonly ReleaseBrief[];
}

export function Quarantined({ releases }: ListProps) {
  if (releases.length === 0) return null;
  const [tone, icon] = SIGNS.quarantined;
  return (
    <div id="quarantined" className={classes.part}>
      <Section title="In quarantine" aside={counted(releases.length)}>
        <Lines>
          {releases.map(({ id, module, version, kind, reason, since }) => (
            <Line
              key={id}
              sign={<Sign tone={tone} icon={icon} />}
              title={`${module}@${version}`}
              path={releasePath(`${module}@${version}`)}
              text={reason && <Ticked text={reason} />}
              aside={<KindBadge kind={kind} />}
              at={since}
            />
          ))}
        </Lines>
      </Section>
    </div>
  );
}

export function Refused({ releases }: ListProps) {
  if (releases.length === 0) return null;
  const [tone, icon] = SIGNS.refused;
  return (
    <div id="refused" className={classes.part}>
      <Section title="Refused" aside={counted(releases.length)}>
        <Lines>
          {releases.map(({ id, module, version, created_by, errors, reason, since }) => (
            <Line
              key={id}
              sign={<Sign tone={tone} icon={icon} />}
              title={`${module}@${version}`}
              path={draftPath(id)}
              text={
                <>
                  {created_by} · {errors > 1 && `${plural(errors, 'finding')}, first: `}
                  {reason && <Ticked text={reason} />}
                </>
              }
              at={since}
            />
          ))}
        </Lines>
      </Section>
    </div>
  );
}
