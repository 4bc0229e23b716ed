import { useState } from 'preact/hooks';
import { CodeEditor } from '../code/code-editor.js';
import { Button } from '../components/button.js';
import { layOutJson } from '../formats/json-layout.js';
import { bytes } from '../formats/quantity.js';
import { type Entry, isWhole } from '../operations/read-entry.js';
import { HexView } from './hex-view.js';
import { ImageView } from './image-view.js';
import { textOf, type ValueView as View, viewsOf } from './value-kind.js';

const NAMES: Record<View, string> = { json: 'JSON', text: 'Text', image: 'Picture', hex: 'Bytes' };

/** A value in one of the ways in which it can be shown. */
export function ValueView(props: {
  readonly entry: Entry;
  readonly view: string | undefined;
  readonly onView: (view: View) => void;
  readonly onLoadAll: () => Promise<void>;
}) {
  const { entry, onView } = props;
  const text = textOf(entry);
  const views = viewsOf(entry, text);
  const shown = views.find((one) => one === props.view) ?? views[0] ?? 'hex';
  return (
    <section class="value-view" aria-label="Value">
      <div class="row wrap">
        <fieldset class="segments">
          <legend class="visually-hidden">Show as</legend>
          {views.map((view) => (
            <button key={view} type="button" aria-pressed={view === shown} onClick={() => onView(view)}>
              {NAMES[view]}
            </button>
          ))}
        </fieldset>
        {shown === 'json' && <span class="hint">Laid out for reading. The stored bytes stay as they are.</span>}
      </div>
      {!isWhole(entry) && <PartNote entry={entry} onLoadAll={props.onLoadAll} />}
      <div class="value-body">
        {shown === 'image' ? (
          <ImageView entry={entry} />
        ) : shown === 'hex' ? (
          <HexView bytes={entry.bytes} />
        ) : (
          <CodeEditor
            key={`${entry.key}\0${entry.version} ${shown} ${entry.bytes.length}`}
            text={shown === 'json' ? layOutJson(text ?? '') : (text ?? '')}
            language={shown}
            label="Value"
            isReadOnly
          />
        )}
      </div>
    </section>
  );
}

function PartNote({ entry, onLoadAll }: { readonly entry: Entry; readonly onLoadAll: () => Promise<void> }) {
  const [isBusy, setBusy] = useState(false);
  return (
    <p class="warning-box row wrap">
      <span class="grow">
        These are the first {bytes(entry.bytes.length)} of {bytes(entry.sizeBytes)}.
      </span>
      <Button
        isBusy={isBusy}
        onClick={() => {
          setBusy(true);
          void onLoadAll().finally(() => setBusy(false));
        }}
      >
        Load all
      </Button>
    </p>
  );
}
