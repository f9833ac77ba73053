// The front page: what is wrong first, then what is under way, then what happened.

import type { Overview } from '@/api/types';
import { Columns } from '@/features/shell/Columns';
import { PageHead } from '@/features/shell/PageHead';
import { Broken } from './Broken';
import { Counts } from './Counts';
import { Figures } from './Figures';
import { FirstSteps } from './FirstSteps';
import { HealthPanel } from './HealthPanel';
import { Lately } from './Lately';
import { AllWell, Trouble } from './Standing';
import { Quarantined, Refused } from './TakenOut';
import { UnderWay } from './UnderWay';
import { isEmpty } from './wrong';

export function OverviewPage({ overview }: { readonly overview: Overview }) {
  if (isEmpty(overview)) return <FirstSteps />;
  return (
    <>
      <PageHead title="Overview" />
      <Figures overview={overview} />
      <Columns
        main={
          <>
            <Trouble health={overview.health} />
            <Broken pairs={overview.broken} />
            <Quarantined releases={overview.quarantined} />
            <Refused releases={overview.refused} />
            <AllWell overview={overview} />
            <UnderWay releases={overview.under_way} />
            <Lately events={overview.recent} />
          </>
        }
        side={
          <>
            <Counts overview={overview} />
            <HealthPanel health={overview.health} />
          </>
        }
      />
    </>
  );
}
