// A refusal: its code to act on, what happened, and what to do about it.

import { Button } from '@mantine/core';
import { RotateCw, TriangleAlert } from 'lucide-react';
import { useId } from 'react';
import type { Finding } from '@/api/types';
import { Findings } from './Findings';
import classes from './ProblemPanel.module.css';

export interface ProblemFacts {
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  readonly findings?: readonly Finding[];
  readonly request_id?: string | null;
}

export interface ProblemPanelProps {
  readonly problem: ProblemFacts;
  /** Offered where the same request may succeed. */
  readonly onRetry?: (() => void) | undefined;
}

export function ProblemPanel({ problem, onRetry }: ProblemPanelProps) {
  const id = useId();
  return (
    <div className={classes.panel} role="alert" aria-labelledby={id}>
      <TriangleAlert size={20} aria-hidden className={classes.icon} />
      <div className={classes.content}>
        <p className={classes.title} id={id}>
          {problem.title} <code>{problem.code}</code>
        </p>
        <p>{problem.detail}</p>
        <p className={classes.remedy}>{problem.remedy}</p>
        {problem.findings && problem.findings.length > 0 && (
          <Findings findings={problem.findings} />
        )}
        {problem.request_id && (
          <p className={classes.request}>
            Request <code>{problem.request_id}</code>
          </p>
        )}
        {onRetry && (
          <Button
            size="xs"
            variant="default"
            leftSection={<RotateCw size={14} />}
            onClick={onRetry}
          >
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
