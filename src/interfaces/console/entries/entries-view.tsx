import { useEffect, useState } from 'preact/hooks';
import { toApiError } from '../api/api-error.js';
import { EmptyState } from '../components/empty-state.js';
import { ErrorBox } from '../components/error-box.js';
import { guessSeparator } from '../keys/key-source.js';
import { apiRoot } from '../routing/addresses.js';
import { may, projectKeys, systemKey } from '../session/session.js';
import { SignInForm } from '../session/sign-in-form.js';
import { useViewState } from './view-state.js';
import { Workspace } from './workspace.js';
import '../styles/entries.css';

/** The keys and values of a project. */
export function EntriesView({ project }: { readonly project: string }) {
  const [{ separator, key }] = useViewState(project);
  const [guess, setGuess] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  const signed = projectKeys.value.get(project);
  const mayList = may(project, 'list');

  useEffect(() => {
    if (signed === undefined || separator !== undefined) return;
    if (!mayList) return setGuess('');
    guessSeparator(project, '').then(setGuess, setError);
  }, [project, signed, mayList, separator, attempt]);
  const tryAgain = () => {
    setError(undefined);
    setAttempt(attempt + 1);
  };

  if (signed === undefined) return <KeyNeeded project={project} />;
  if (error !== undefined) return <CannotList project={project} error={error} onRetry={tryAgain} />;
  const used = separator ?? guess;
  if (used === undefined) return <p class="starting">Loading…</p>;
  if (!mayList && key === undefined) return <NoListing project={project} separator={used} />;
  return <Workspace project={project} separator={used} mayList={mayList} />;
}

function KeyNeeded({ project }: { readonly project: string }) {
  return (
    <main class="page narrow" id="content" tabIndex={-1}>
      <h1>{project}</h1>
      <section class="panel">
        <h2>A key of this project is needed</h2>
        <p class="hint">
          {systemKey.value === undefined
            ? 'None of your keys opens this project.'
            : 'The system key manages projects, but reads no data. Paste a key of this project to see what is in it.'}
        </p>
        <SignInForm isNested onDone={() => {}} />
      </section>
    </main>
  );
}

/** A key without the right to list can still open entries by their names. */
function NoListing({ project, separator }: { readonly project: string; readonly separator: string }) {
  return <Workspace project={project} separator={separator} mayList={false} />;
}

function CannotList(props: { readonly project: string; readonly error: unknown; readonly onRetry: () => void }) {
  const { project, error, onRetry } = props;
  return (
    <main class="page" id="content" tabIndex={-1}>
      <h1>{project}</h1>
      <ErrorBox error={error} onRetry={onRetry} />
      {toApiError(error).status === 503 && (
        <EmptyState icon="alert" title="The project cannot be served now" command={`curl ${apiRoot}/readyz`}>
          <p>This says why, for each project:</p>
        </EmptyState>
      )}
    </main>
  );
}
