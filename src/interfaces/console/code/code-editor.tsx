import type { EditorView } from '@codemirror/view';
import { useEffect, useRef, useState } from 'preact/hooks';
import { loadPart } from '../loading/load-part.js';
import type { EditorProps } from './editor-props.js';

/**
 * An editor in a shadow root: there its styles are objects, which the content policy of the page allows, and not
 * elements. A new `text` does not replace what was typed; give it another key.
 */
export function CodeEditor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const [isLate, setLate] = useState(false);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    let view: EditorView | undefined;
    const gone = new AbortController();
    const root = host.current?.shadowRoot ?? host.current?.attachShadow({ mode: 'open' });
    const waiting = { stop: gone.signal, onFailure: () => setLate(true) };
    void loadPart(() => import('./code-mirror.js'), waiting).then((part) => {
      if (part === undefined || root === undefined) return;
      setLate(false);
      view = part.makeEditor(root, () => latest.current);
      if (latest.current.hasFocus) view.focus();
    });
    return () => {
      gone.abort();
      view?.destroy();
    };
  }, []);
  return (
    <>
      {isLate && (
        <p class="hint" role="status">
          The editor is not loaded yet: the server does not answer. It is tried again.
        </p>
      )}
      <div ref={host} class="code-editor" />
    </>
  );
}
