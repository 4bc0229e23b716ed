import { useState } from 'preact/hooks';
import { Button } from '../components/button.js';
import { Field } from '../components/field.js';

/** In place of the list, for an API key that may not list. */
export function OpenByName({ prefix, onOpen }: { readonly prefix: string; readonly onOpen: (key: string) => void }) {
  const [key, setKey] = useState(prefix);
  return (
    <form
      class="form open-by-name"
      onSubmit={(event) => {
        event.preventDefault();
        if (key !== '') onOpen(key);
      }}
    >
      <p class="hint">Your API key may not list keys. Open an entry by its name.</p>
      <Field label="Key" value={key} onInput={setKey} />
      <Button type="submit" kind="primary">
        Open
      </Button>
    </form>
  );
}
