// Hears the keys of every page in one place.

import { type AnyRouter, useRouter } from '@tanstack/react-router';
import { useEffectEvent, useLayoutEffect, useRef } from 'react';
import { type Command, isTyping, readPress } from './keys';
import { singleKeys } from './singleKeys';

export interface Overlays {
  readonly palette: () => void;
  readonly help: () => void;
}

/** From before the first paint, so that no key is pressed in vain. */
export function useKeyboard({ palette, help }: Overlays): void {
  const router = useRouter();
  const until = useRef(0);
  const carryOut = useEffectEvent((command: Command) => {
    if (command.what === 'palette') palette();
    else if (command.what === 'help') help();
    else if (command.what === 'go') router.history.push(command.path);
    else if (!search()) {
      // The page that is coming may have a box.
      onceDrawn(router, () => {
        if (!search()) palette();
      });
    }
  });
  useLayoutEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const reading = readPress(
        {
          key: event.key,
          mod: event.ctrlKey || event.metaKey,
          alt: event.altKey,
          typing: isTyping(event.target),
          inDialog: document.querySelector('[aria-modal="true"]') !== null,
          single: singleKeys.get(),
        },
        until.current,
        event.timeStamp,
      );
      until.current = reading.until;
      if (!reading.command) return;
      event.preventDefault();
      carryOut(reading.command);
    };
    window.addEventListener('keydown', hear);
    return () => {
      window.removeEventListener('keydown', hear);
    };
  }, []);
}

/** When the page that is coming is there; at once when none is. */
function onceDrawn(router: AnyRouter, act: () => void): void {
  if (router.state.status !== 'pending') {
    act();
    return;
  }
  const ends = router.subscribe('onRendered', () => {
    ends();
    act();
  });
}

/** To the page's own box, if it has one. */
function search(): boolean {
  const marked = document.querySelector<HTMLElement>('main [data-page-search]');
  const box = marked?.matches('input') ? marked : marked?.querySelector('input');
  if (!(box instanceof HTMLInputElement)) return false;
  box.focus();
  box.select();
  return true;
}
