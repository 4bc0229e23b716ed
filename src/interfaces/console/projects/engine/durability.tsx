import { Section } from '../parts/view-page.js';
import type { Project } from './migration.js';

/** What a write survives that was answered, and settings of the server that are unsafe. */
export function Durability({ of: { commit, warnings } }: { readonly of: Project['durability'] }) {
  return (
    <Section title="Durability">
      <p>A write that was acknowledged {commit}.</p>
      {warnings.length > 0 && (
        <ul>
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </Section>
  );
}
