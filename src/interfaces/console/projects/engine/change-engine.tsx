import { useState } from 'preact/hooks';
import { Button } from '../../components/button.js';
import { notify } from '../../components/notices.js';
import { ConfirmDialog } from '../../forms/confirm-dialog.js';
import { useDraft } from '../../forms/drafts.js';
import { Failure } from '../../forms/failure.js';
import { problemsOf } from '../../forms/problems.js';
import { useAction } from '../../forms/use-action.js';
import { choiceOf, EnginePicker, optionsOf } from '../parts/engine-picker.js';
import { engineTitle } from '../parts/engines.js';
import { Section } from '../parts/view-page.js';
import type { Migration, Project } from './migration.js';
import { changeStorage } from './start-move.js';

/** Chooses another engine, or other options of this one. */
export function ChangeEngine(props: {
  readonly project: Project;
  /** A move that is under way: the settings have its engine already. */
  readonly running: Migration | undefined;
  readonly onStarted: (migration: Migration | undefined) => Promise<void>;
}) {
  const { id, storage } = props.project;
  const engine = props.running?.from ?? storage.engine;
  const { value, change, forget, isChanged } = useDraft(`engine ${id}`, choiceOf(storage.engine, storage.options));
  const [isAsked, setAsked] = useState(false);
  const save = useAction(async () => {
    const started = await changeStorage(id, { engine: value.engine, options: optionsOf(value) });
    await props.onStarted(started);
    forget();
    if (started === undefined) notify('The options are changed. No data had to move.');
  });
  const isOther = value.engine !== storage.engine;
  const submit = () => {
    if (isOther && value.engine === 'memory') setAsked(true);
    else void save.run();
  };
  return (
    <Section
      title={`Kept by ${engineTitle(engine)}`}
      hint="The data moves while the project stays in use: no request fails, and versions and expiry stay."
    >
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <EnginePicker choice={value} current={engine} problems={problemsOf(save.error)} onChange={change} />
        <Failure error={save.error} />
        {isChanged && (
          <div class="row wrap">
            <Button kind="primary" type="submit" isBusy={save.isBusy} isDisabled={props.running !== undefined}>
              {isOther ? `Move to ${engineTitle(value.engine)}` : 'Change the options'}
            </Button>
            <Button onClick={forget}>Discard</Button>
            {props.running !== undefined && <span class="hint">Wait until the move is done.</span>}
          </div>
        )}
      </form>
      {isAsked && (
        <ConfirmDialog
          title="Keep nothing on the disk?"
          action="Move to Memory"
          project={id}
          onClose={() => setAsked(false)}
          onConfirm={save.run}
        >
          <p>With the engine Memory, the next restart of the server empties the project.</p>
        </ConfirmDialog>
      )}
    </Section>
  );
}
