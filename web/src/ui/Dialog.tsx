// A dialog above the page: what it is called, the way out, and what it asks.

import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './Dialog.module.css';

export interface DialogProps {
  readonly title: ReactNode;
  /** The ways out: the button in the corner and Escape are left out where only a choice ends it. */
  readonly onClose: (() => void) | null;
  readonly size?: string;
  /** Whether whatever opened it gets the focus back from the dialog itself. */
  readonly returnFocus?: boolean;
  /** Above other dialogs. */
  readonly zIndex?: number;
  readonly children: ReactNode;
}

const ignore = () => undefined;

export function Dialog({
  title,
  onClose,
  size = '36rem',
  returnFocus,
  zIndex,
  children,
}: DialogProps) {
  const narrow = useMediaQuery('(max-width: 36em)', false, { getInitialValueInEffect: false });
  return (
    <Modal.Root
      opened
      onClose={onClose ?? ignore}
      closeOnEscape={onClose !== null}
      size={size}
      fullScreen={narrow}
      // What was typed is not lost by a slip of the mouse.
      closeOnClickOutside={false}
      returnFocus={returnFocus ?? false}
      {...(zIndex !== undefined && { zIndex })}
    >
      <Modal.Overlay />
      <Modal.Content>
        {/* Mantine's own is a second banner of the page. */}
        <div className={classes.head}>
          <Modal.Title className={classes.title}>{title}</Modal.Title>
          {onClose && <Modal.CloseButton aria-label="Close" />}
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
