// The modules that have what was typed, and Enter that waits for them.

import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef } from 'react';
import { foundModulesQuery } from '@/queries/modules';
import { fits } from './items';

const FOUND_AT_MOST = 8;

export function useFound(text: string) {
  const wanted = text.trim();
  const [asked] = useDebouncedValue(wanted, 120);
  const query = useQuery({
    ...foundModulesQuery(wanted === '' ? '' : asked, FOUND_AT_MOST),
    enabled: wanted !== '' && asked !== '',
  });
  const onItsWay = asked !== wanted || query.isPlaceholderData || query.isLoading;
  // Where the network is down none is waited for.
  const settled = wanted === '' || query.isPaused || !onItsWay;
  const found = wanted === '' ? [] : (query.data?.items ?? []);
  return {
    // Of an answer to earlier letters, what still fits; how the server searches is for it to say.
    found: settled
      ? found
      : found.filter(({ name, description }) => fits(wanted, `${name} ${description}`)),
    settled,
    query,
  };
}

/** Who presses Enter before the answer is there is led to what it finds, not to what was found before. */
export function useKeptEnter(text: string, settled: boolean, onEnter: () => void) {
  const kept = useRef<string>(null);
  const enter = useEffectEvent(onEnter);
  useEffect(() => {
    if (!settled || kept.current === null) return;
    const still = kept.current === text;
    kept.current = null;
    if (still) enter();
  }, [settled, text]);
  return (wanted: string | null) => {
    kept.current = wanted;
  };
}
