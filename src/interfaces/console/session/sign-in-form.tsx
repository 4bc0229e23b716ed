import { useState } from 'preact/hooks';
import { toApiError } from '../api/api-error.js';
import { Button } from '../components/button.js';
import { Checkbox, Field } from '../components/field.js';
import { Icon } from '../components/icon.js';
import { type Caller, identify, isKept, keepInSession, projectKeys, signIn, systemKey } from './session.js';
import { problemOf, problemOfText, type SignInProblem } from './sign-in-problems.js';

interface SignInFormProps {
  /** Beside the keys that are there: the choice to keep them is made there. */
  readonly isNested?: boolean;
  readonly onDone: (caller: Caller) => void;
}

export function SignInForm({ isNested, onDone }: SignInFormProps) {
  const [text, setText] = useState('');
  const [project, setProject] = useState('');
  const [problem, setProblem] = useState<SignInProblem & { readonly requestId?: string | undefined }>();
  const [isBusy, setBusy] = useState(false);
  const key = text.trim();
  const needsProject = key !== '' && !key.startsWith('pkv_');

  const submit = async () => {
    const early = key === '' ? { title: 'No key was given.', advice: 'Paste one here.' } : problemOfText(key);
    setProblem(early);
    if (early !== undefined) return;
    setBusy(true);
    try {
      const caller = await identify(key, needsProject && project.trim() !== '' ? project.trim() : undefined);
      setText('');
      signIn(key, caller);
      onDone(caller);
    } catch (error) {
      const failure = toApiError(error);
      setProblem({ ...problemOf(failure, knownExpiry(key)), requestId: failure.requestId });
    } finally {
      setBusy(false);
    }
  };

  const fields = (
    <>
      <Field
        label="Key"
        type="password"
        placeholder="pkv_…"
        autocomplete="off"
        autofocus
        value={text}
        onInput={setText}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !isNested) return;
          event.preventDefault();
          void submit();
        }}
        hint="It goes to this server only, in a header, and never into an address."
      />
      {needsProject && (
        <Field
          label="Project"
          value={project}
          onInput={setProject}
          hint="A key that does not begin with pkv_ belongs to one project; leave this empty for the system key."
        />
      )}
      {!isNested && (
        <Checkbox
          label="Keep it in this tab, so that a reload finds it"
          isChecked={isKept.value}
          onChange={keepInSession}
        />
      )}
      {problem !== undefined && (
        <div class="error-box" role="alert">
          <Icon name="alert" />
          <div>
            <p class="message">{problem.title}</p>
            <p>{problem.advice}</p>
            {problem.requestId !== undefined && (
              <p class="detail">
                request <code>{problem.requestId}</code>
              </p>
            )}
          </div>
        </div>
      )}
      <Button kind="primary" type={isNested ? 'button' : 'submit'} isBusy={isBusy} onClick={isNested ? submit : noop}>
        {isNested ? 'Add' : 'Sign in'}
      </Button>
    </>
  );
  if (isNested) return <div class="form">{fields}</div>;
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {fields}
    </form>
  );
}

/** When a key that this tab had signed in with expires. */
function knownExpiry(key: string): number | null | undefined {
  const signed = [systemKey.value, ...projectKeys.value.values()].find((one) => one?.key === key);
  return signed?.caller.expires_at;
}

function noop(): void {}
