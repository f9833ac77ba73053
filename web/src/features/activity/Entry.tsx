// An entry of the log: what happened, by whom, and everything that is known of it.

import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { AuditEntry } from '@/api/types';
import { sayEntry } from '@/features/history/auditWords';
import { SaidLine } from '@/features/history/SaidLine';
import { Sign } from '@/features/history/Sign';
import { PathLink } from '@/features/shell/PathLink';
import { CopyLine } from '@/ui/CopyLine';
import { Facts } from '@/ui/Facts';
import { Ticked } from '@/ui/Ticked';
import classes from './Entry.module.css';

const time = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });

export function Entry({ entry }: { readonly entry: AuditEntry }) {
  const [opened, setOpened] = useState(false);
  const said = sayEntry(entry);
  const at = new Date(entry.happened_at);
  const id = `entry-${entry.id}`;
  return (
    <li className={classes.entry}>
      <Sign tone={said.tone} icon={said.icon} />
      <div className={classes.what}>
        <p className={classes.title} id={`${id}-title`}>
          <SaidLine said={said} />
        </p>
        {said.reason && (
          <p className={classes.text}>
            <Ticked text={said.reason} />
          </p>
        )}
        {opened && <Known id={id} entry={entry} />}
      </div>
      <span className={classes.actor}>
        {entry.actor ? (
          <PathLink path={`/activity?actor=${encodeURIComponent(entry.actor)}`}>
            {entry.actor}
          </PathLink>
        ) : (
          'the service'
        )}
      </span>
      <time className={classes.at} dateTime={entry.happened_at} title={at.toLocaleString()}>
        {time.format(at)}
      </time>
      <button
        type="button"
        className={classes.open}
        aria-label="Everything that is known of it"
        aria-describedby={`${id}-title`}
        aria-expanded={opened}
        aria-controls={opened ? id : undefined}
        onClick={() => {
          setOpened(!opened);
        }}
      >
        <ChevronRight size={16} aria-hidden />
      </button>
    </li>
  );
}

function Known({ id, entry }: { readonly id: string; readonly entry: AuditEntry }) {
  const { action, subject, namespace, request_id, happened_at, detail } = entry;
  return (
    <div id={id} className={classes.known}>
      <Facts
        lines={[
          ['Entry', String(entry.id)],
          [
            'Action',
            <PathLink key="action" path={`/activity?action=${action}`}>
              {action}
            </PathLink>,
          ],
          ['Subject', subject],
          ['Namespace', namespace],
          ['When', new Date(happened_at).toISOString()],
        ]}
      />
      {Object.keys(detail).length > 0 && (
        <pre className={classes.json}>{JSON.stringify(detail, null, 2)}</pre>
      )}
      {request_id && (
        <div className={classes.request}>
          <span>Request</span> <CopyLine text={request_id} label="Copy the request’s id" />
        </div>
      )}
    </div>
  );
}
