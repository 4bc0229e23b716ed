import { useEffect, useState } from 'preact/hooks';
import { type ApiError, toApiError } from '../api/api-error.js';
import { CodeEditor } from '../code/code-editor.js';
import { Button } from '../components/button.js';
import { Dialog } from '../components/dialog.js';
import { ErrorBox } from '../components/error-box.js';
import { isJson, layOutJson } from '../formats/json-layout.js';
import { type Entry, readEntry } from '../operations/read-entry.js';
import { putEntry } from '../operations/write-entry.js';
import { textOf } from '../values/value-kind.js';

interface ConflictDialogProps {
  readonly project: string;
  readonly entryKey: string;
  readonly contentType: string;
  /** The value as it was when the editing began. */
  readonly base: string;
  readonly mine: string;
  readonly onClose: () => void;
  readonly onDone: (version: string) => void;
}

/** Three versions of a value that two people changed: as it was, as the server has it now, and one's own. */
export function ConflictDialog(props: ConflictDialogProps) {
  const { project, entryKey: key, base, mine, onDone } = props;
  const [theirs, setTheirs] = useState<Entry | 'deleted'>();
  const [merged, setMerged] = useState(() => laidOut(mine));
  const [error, setError] = useState<ApiError>();

  useEffect(() => {
    readEntry(project, key, true).then(setTheirs, (thrown) => {
      const failure = toApiError(thrown);
      if (failure.status === 404) setTheirs('deleted');
      else setError(failure);
    });
  }, [project, key]);

  const save = async () => {
    const expected = theirs === undefined || theirs === 'deleted' ? 'absent' : theirs.version;
    const text = merged === laidOut(mine) ? mine : merged;
    try {
      onDone(
        await putEntry(project, key, new TextEncoder().encode(text), { contentType: props.contentType, expected }),
      );
    } catch (thrown) {
      const failure = toApiError(thrown);
      setError(failure);
      if (failure.status === 412) setTheirs(await readEntry(project, key, true).catch(() => 'deleted' as const));
    }
  };

  const theirText = theirs === undefined ? undefined : theirs === 'deleted' ? '' : textOf(theirs);
  return (
    <Dialog
      title="Another change was first"
      size="large"
      onClose={props.onClose}
      actions={
        <>
          <Button onClick={props.onClose}>Go on editing</Button>
          {theirs !== undefined && theirs !== 'deleted' && (
            <Button onClick={() => onDone(theirs.version)}>Take theirs</Button>
          )}
          <Button kind="primary" isDisabled={theirs === undefined} onClick={() => void save()}>
            Save the right side
          </Button>
        </>
      }
    >
      <p>
        <code>{key}</code> {theirs === 'deleted' ? 'was deleted' : 'was changed'} after you opened it. Nothing was
        written yet. Change the right side until it is what you want, then save it.
      </p>
      {error !== undefined && <ErrorBox error={error} />}
      <div class="three-ways">
        <section>
          <h3>When you opened it</h3>
          <CodeEditor text={laidOut(base)} language="json" label="When you opened it" isReadOnly />
        </section>
        <section>
          <h3>On the server now</h3>
          {theirs !== undefined && (
            <CodeEditor
              key={theirs === 'deleted' ? '' : theirs.version}
              text={theirText === undefined ? '(not text)' : laidOut(theirText)}
              original={laidOut(base)}
              language="json"
              label="On the server now"
              isReadOnly
            />
          )}
        </section>
        <section>
          <h3>Yours</h3>
          <CodeEditor
            text={merged}
            original={laidOut(base)}
            language="json"
            label="Yours"
            hasFocus
            onChange={setMerged}
          />
        </section>
      </div>
    </Dialog>
  );
}

function laidOut(text: string): string {
  return isJson(text) ? layOutJson(text) : text;
}
