// What a token may be used for, and where: at most what one may oneself.

import { Checkbox, MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Action, Scope } from '@/api/types';
import { useIdentity } from '@/queries/identity';
import { mayAnywhere } from '@/queries/may';
import { namespaceNamesQuery } from '@/queries/names';
import classes from './TokenForm.module.css';
import { ACTIONS } from './tokens';

export interface ScopeFieldsProps {
  readonly scope: Scope;
  readonly onChange: (scope: Scope) => void;
}

export function ScopeFields({ scope, onChange }: ScopeFieldsProps) {
  const identity = useIdentity();
  const { data: names = [] } = useQuery(namespaceNamesQuery());
  const { actions, namespaces } = scope;
  const change = (wanted: readonly Action[], where: readonly string[]) => {
    // Nothing chosen is no limit, which is said by leaving it out.
    onChange({
      ...(wanted.length > 0 && { actions: [...wanted] }),
      ...(where.length > 0 && { namespaces: [...where] }),
    });
  };
  return (
    <>
      <Checkbox.Group
        label="What it may be used for"
        description="None ticked: everything that you may do."
        value={actions ?? []}
        onChange={(wanted) => {
          change(wanted, namespaces ?? []);
        }}
      >
        <div className={classes.actions}>
          {ACTIONS.filter(([action]) => mayAnywhere(identity, action)).map(([action, text]) => (
            <Checkbox key={action} value={action} label={action} description={text} />
          ))}
        </div>
      </Checkbox.Group>
      <MultiSelect
        label="Where"
        description="None chosen: in every namespace."
        placeholder={namespaces ? '' : 'Every namespace'}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear' }}
        nothingFoundMessage="There is no such namespace."
        data={names}
        value={namespaces ?? []}
        onChange={(where) => {
          change(actions ?? [], where);
        }}
      />
    </>
  );
}
