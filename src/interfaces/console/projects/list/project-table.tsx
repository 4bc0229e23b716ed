import { DataTable, numbers } from '../../components/data-table.js';
import { Icon } from '../../components/icon.js';
import { bytes, count } from '../../formats/quantity.js';
import { TextWithCode } from '../../formats/text-with-code.js';
import { projectAddress } from '../../routing/addresses.js';
import { projectKeys } from '../../session/session.js';
import { engineTitle } from '../parts/engines.js';
import type { ProjectFigures } from './project-figures.js';

export function ProjectTable({ projects }: { readonly projects: readonly ProjectFigures[] }) {
  return (
    <DataTable columns={['Project', 'Engine', numbers('Entries'), numbers('Size'), 'Encryption', 'Health']}>
      {projects.map((project) => (
        <ProjectRow key={project.id} {...project} />
      ))}
    </DataTable>
  );
}

function ProjectRow({ id, engine, entries, bytes: size, isEncrypted, problem }: ProjectFigures) {
  return (
    <tr>
      <th scope="row">
        <a class="project-link" href={projectAddress(id, projectKeys.value.has(id) ? 'keys' : 'settings')}>
          {id}
        </a>
        {!projectKeys.value.has(id) && <small>To see its data, add a key of this project.</small>}
      </th>
      <td data-label="Engine" class="one-line">
        {engine === undefined ? '–' : engineTitle(engine)}
      </td>
      <td data-label="Entries" class="number">
        {entries === undefined ? '–' : count(entries)}
      </td>
      <td data-label="Size" class="number">
        {size === undefined ? '–' : bytes(size)}
      </td>
      <td data-label="Encryption" class="one-line">
        {isEncrypted ? (
          <span class="state good">
            <Icon name="lock" /> Encrypted
          </span>
        ) : (
          <span class="state">None</span>
        )}
      </td>
      <td data-label="Health" class={problem === undefined ? '' : 'long'}>
        {problem === undefined ? (
          <span class="state good">
            <Icon name="check" /> Served
          </span>
        ) : (
          <div class="project-health">
            <span class="state bad">
              <Icon name="alert" /> Not served
            </span>
            <small>
              <TextWithCode text={problem} />
            </small>
            <small>
              <a href={projectAddress(id, 'snapshots')}>Restore a snapshot</a>,{' '}
              <a href={projectAddress(id, 'engine')}>go back to the engine before</a>, or{' '}
              <a href={projectAddress(id, 'transfer')}>import an export</a>.
            </small>
          </div>
        )}
      </td>
    </tr>
  );
}
