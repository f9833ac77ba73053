// Releases being verified or reviewed, the longest waiting first.

import type { ReleaseBrief } from '@/api/types';
import { Sign } from '@/features/history/Sign';
import { SIGNS } from '@/features/history/said';
import { releasePath } from '@/features/shell/paths';
import { StateBadge } from '@/ui/badges';
import { Section } from '@/ui/Section';
import { StageBar } from '@/ui/StageBar';
import classes from './Broken.module.css';
import { Line, Lines } from './Lines';
import { counted, UNDER_WAY_AT_MOST } from './wrong';

export function UnderWay({ releases }: { readonly releases: readonly ReleaseBrief[] }) {
  const [tone, icon] = SIGNS.verifying;
  return (
    <div id="under-way" className={classes.part}>
      <Section
        title="Under way"
        aside={releases.length > 0 && counted(releases.length, UNDER_WAY_AT_MOST)}
      >
        {releases.length === 0 ? (
          <p className={classes.none}>Nothing is being verified.</p>
        ) : (
          <Lines>
            {releases.map(({ id, module, version, created_by, state, stage, since }) => (
              <Line
                key={id}
                sign={<Sign tone={tone} icon={icon} />}
                title={`${module}@${version}`}
                path={releasePath(`${module}@${version}`)}
                text={state === 'in_review' ? `${created_by} · waits for a reviewer` : created_by}
                aside={stage ? <StageBar stage={stage} /> : <StateBadge state={state} />}
                at={since}
              />
            ))}
          </Lines>
        )}
      </Section>
    </div>
  );
}
