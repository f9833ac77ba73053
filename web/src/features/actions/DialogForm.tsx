// The frame of every action: what it is, what it asks, what was refused, and the two ways out.

import { Button, Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactNode, type SubmitEvent } from 'react';
import { flushSync } from 'react-dom';
import { fromThrown } from '@/api/problem';
import { ProblemPanel } from '@/ui/ProblemPanel';
import classes from './DialogForm.module.css';

export interface DialogFormProps {
  readonly title: ReactNode;
  /** On the button that does it. */
  readonly act: string;
  readonly grave?: boolean;
  readonly pending: boolean;
  /** Why it was refused last. */
  readonly error: Error | null;
  /** While it cannot be done at all. */
  readonly disabled?: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function DialogForm(props: DialogFormProps) {
  const { title, act, grave = false, pending, error, disabled = false, onSubmit, onClose } = props;
  const narrow = useMediaQuery('(max-width: 36em)', false, { getInitialValueInEffect: false });
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (pending || disabled) return;
    // What is missing is marked first, then the focus goes there.
    flushSync(onSubmit);
    form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size="36rem"
      fullScreen={narrow}
      // What was typed is not lost by a slip of the mouse; whoever opened it takes the focus back.
      closeOnClickOutside={false}
      returnFocus={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ title: classes.title }}
    >
      <form className={classes.form} onSubmit={submit} noValidate>
        {props.children}
        {error && (
          <div className={classes.problem}>
            <ProblemPanel problem={fromThrown(error).body} />
          </div>
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={pending}
            disabled={disabled}
            {...(grave && { color: 'red' })}
          >
            {act}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
