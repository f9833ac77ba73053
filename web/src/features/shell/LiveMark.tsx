// Whether changes appear by themselves.

import { streaming } from '@/api/events';
import classes from './LiveMark.module.css';
import { useStored } from './useStored';

export function LiveMark() {
  const live = useStored(streaming);
  return (
    <span
      className={classes.mark}
      data-live={live}
      title={
        live
          ? 'What changes on the server appears by itself.'
          : 'The stream of events is not open; pages ask every few seconds.'
      }
    >
      {live ? 'Live' : 'Not live'}
    </span>
  );
}
