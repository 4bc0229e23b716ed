import type { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'preact/hooks';
import type { EditorProps } from './editor-props.js';

/**
 * An editor in a shadow root: there its styles are objects, which the content policy of the page allows, and not
 * elements. A new `text` does not replace what was typed; give it another key.
 */
export function CodeEditor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    let view: EditorView | undefined;
    let isGone = false;
    const root = host.current?.shadowRoot ?? host.current?.attachShadow({ mode: 'open' });
    void import('./code-mirror.js').then(({ makeEditor }) => {
      if (isGone || root === undefined) return;
      view = makeEditor(root, () => latest.current);
      if (latest.current.hasFocus) view.focus();
    });
    return () => {
      isGone = true;
      view?.destroy();
    };
  }, []);
  return <div ref={host} class="code-editor" />;
}
