// A link to a page by its address, for addresses that are put together.

import { useRouter } from '@tanstack/react-router';
import type { ComponentProps, MouseEvent } from 'react';

export interface PathLinkProps extends Omit<ComponentProps<'a'>, 'href'> {
  readonly path: string;
}

export function PathLink({ path, onClick, children, ...others }: PathLinkProps) {
  const router = useRouter();
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    // Anything else than a plain click is the browser's: new tabs, windows, downloads.
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey;
    if (!plain || event.shiftKey || event.altKey || event.defaultPrevented) return;
    event.preventDefault();
    router.history.push(path);
  };
  return (
    <a href={path} onClick={follow} {...others}>
      {children}
    </a>
  );
}
