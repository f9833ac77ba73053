// The keys that work on every page.

import { Kbd, Switch } from '@mantine/core';
import { Dialog } from '@/ui/Dialog';
import { modKey } from './modKey';
import { PLACES } from './pages';
import classes from './ShortcutList.module.css';
import { singleKeys, turnSingleKeys } from './singleKeys';
import { useStored } from './useStored';

export function ShortcutList({ onClose }: { readonly onClose: () => void }) {
  const single = useStored(singleKeys);
  const shortcuts: readonly (readonly [string, readonly string[]])[] = [
    ['Find and go to anything', [modKey(), 'K']],
    ['Search on this page', ['/']],
    ...PLACES.map(({ title, key }) => [`Go to ${title}`, ['g', key]] as const),
    ['Show these shortcuts', ['?']],
    ['Close what is open', ['Esc']],
  ];
  return (
    <Dialog onClose={onClose} title="Keyboard shortcuts" size="24rem" returnFocus>
      <dl className={classes.list}>
        {shortcuts.map(([what, keys]) => (
          <div key={what} className={classes.line}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <Kbd key={key} size="sm">
                  {key}
                </Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <Switch
        label="Single-key shortcuts"
        className={classes.single}
        checked={single}
        onChange={(event) => {
          turnSingleKeys(event.currentTarget.checked);
        }}
      />
    </Dialog>
  );
}
