// The pages, as the palette offers them.

import { PLACES } from '@/features/shell/pages';
import type { Item } from './items';

export function placeItems(): Item[] {
  return [
    ...PLACES.map(({ path, title, key }) => ({
      id: path,
      label: title,
      hint: `g ${key}`,
      look: path,
      path,
    })),
    { id: '/tokens', label: 'My tokens', look: 'place', path: '/tokens' },
  ];
}
