// Zooming by hand, and what the graph means.

import { ActionIcon } from '@mantine/core';
import { Maximize, Minus, Plus } from 'lucide-react';
import classes from './GraphView.module.css';
import type { Sight } from './useSight';

export function GraphControls({ sight }: { readonly sight: Sight }) {
  const buttons = [
    {
      name: 'Zoom in',
      icon: Plus,
      press: () => {
        sight.zoom(1);
      },
    },
    {
      name: 'Zoom out',
      icon: Minus,
      press: () => {
        sight.zoom(-1);
      },
    },
    { name: 'Show all', icon: Maximize, press: sight.fit },
  ];
  return (
    <div className={classes.controls}>
      <div className={classes.buttons} role="group" aria-label="Zoom">
        {buttons.map(({ name, icon: Icon, press }) => (
          <ActionIcon
            key={name}
            variant="default"
            size={30}
            aria-label={name}
            title={name}
            onClick={press}
          >
            <Icon size={15} aria-hidden />
          </ActionIcon>
        ))}
      </div>
      <p className={classes.legend}>← made from · made into →</p>
    </div>
  );
}
