import { TextWithCode } from '../../formats/text-with-code.js';
import { projectAddress } from '../../routing/addresses.js';
import { Cures } from './cures.js';

interface FailedProjectsProps {
  readonly failed: readonly (readonly [project: string, reason: string])[];
  readonly onChange: () => Promise<void>;
}

/** Projects that cannot be served: why, what brings each of them back, and the buttons that do it. */
export function FailedProjects({ failed, onChange }: FailedProjectsProps) {
  return (
    <section class="failed-projects" aria-labelledby="failed-title">
      <h2 id="failed-title">Not served now</h2>
      <p class="hint">
        The other projects are served. Nothing here deletes data: damaged files are put aside and stay.
      </p>
      {failed.map(([project, reason]) => (
        <article key={project} aria-label={project}>
          <h3>
            <a href={projectAddress(project, 'keys')}>{project}</a>
          </h3>
          <p class="reason">
            <TextWithCode text={reason} />
          </p>
          <Cures project={project} onChange={onChange} />
        </article>
      ))}
    </section>
  );
}
