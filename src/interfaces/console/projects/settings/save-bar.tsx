import { Button } from '../../components/button.js';
import { Failure } from '../../forms/failure.js';
import type { useAction } from '../../forms/use-action.js';

/** The end of a form: saves it, or discards what was typed and the failure of the last attempt. */
export function SaveBar(props: {
  readonly save: Pick<ReturnType<typeof useAction>, 'error' | 'isBusy' | 'forget'>;
  readonly isChanged: boolean;
  readonly onDiscard: () => void;
}) {
  const { save, isChanged, onDiscard } = props;
  const discard = () => {
    onDiscard();
    save.forget();
  };
  return (
    <div class={`save-bar${isChanged ? ' changed' : ''}`}>
      <Failure error={save.error} />
      <div class="row wrap">
        <Button type="submit" kind="primary" isBusy={save.isBusy} isDisabled={!isChanged}>
          Save
        </Button>
        {isChanged && <Button onClick={discard}>Discard</Button>}
        <span class="hint">{isChanged ? 'Not saved yet.' : 'Everything is saved.'}</span>
      </div>
    </div>
  );
}
