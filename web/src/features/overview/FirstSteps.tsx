// A registry with nothing in it: how the first module gets here.

import { signInPath } from '@/features/session/then';
import { PageHead } from '@/features/shell/PageHead';
import { PathLink } from '@/features/shell/PathLink';
import { useIdentity } from '@/queries/identity';
import { CopyLine } from '@/ui/CopyLine';
import { Section } from '@/ui/Section';
import classes from './FirstSteps.module.css';

export function FirstSteps() {
  const identity = useIdentity();
  const steps = [
    [
      'Say who you are',
      `cambium login --server ${window.location.origin}`,
      'It asks for a token and keeps it. On the machine of the server it is not needed: the first admin’s is found there.',
    ],
    [
      'Describe what you have',
      'cambium init DIR --name NAMESPACE/NAME',
      'A folder that Hugging Face or PEFT wrote is read, and its cambium.toml is written: look it through.',
    ],
    [
      'Publish it',
      'cambium publish DIR --create-namespace',
      'It is checked, run in a sandbox, and here as soon as it is proven. You can watch it on this page.',
    ],
  ] as const;
  return (
    <>
      <PageHead title="Overview">
        This registry is empty. Begin with a backbone: adapters, heads and bridges hang on it.
      </PageHead>
      <Section title="Publish the first module">
        <ol className={classes.steps}>
          {steps.map(([title, command, text], index) => (
            <li key={title} className={classes.step}>
              <span className={classes.number} aria-hidden>
                {index + 1}
              </span>
              <div className={classes.what}>
                <h3>{title}</h3>
                <CopyLine text={command} label="Copy the command" />
                <p>{text}</p>
              </div>
            </li>
          ))}
        </ol>
        {identity && !identity.actor && (
          <p className={classes.private}>
            Private modules are not shown to everybody.{' '}
            <PathLink path={signInPath('/')}>Sign in</PathLink> to see yours.
          </p>
        )}
      </Section>
    </>
  );
}
