import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, codeFolding, foldGutter, foldKeymap, indentOnInput } from '@codemirror/language';
import { linter, lintGutter } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import type { EditorProps } from './editor-props.js';
import { colours } from './editor-theme.js';

/** Makes an editor in a shadow root; `props` returns the properties as they are now. */
export function makeEditor(root: ShadowRoot, props: () => EditorProps): EditorView {
  return new EditorView({
    parent: root,
    root,
    state: EditorState.create({ doc: props().text, extensions: extensionsFor(props) }),
  });
}

function extensionsFor(props: () => EditorProps): Extension[] {
  const { language, label, isReadOnly = false, check, original } = props();
  return [
    colours,
    lineNumbers(),
    foldGutter(),
    codeFolding(),
    highlightSpecialChars(),
    drawSelection(),
    highlightSelectionMatches(),
    search({ top: true }),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, ...(isReadOnly ? { tabindex: '0' } : {}) }),
    ...(language === 'json' ? [json()] : []),
    ...(original === undefined ? [] : [unifiedMergeView({ original, mergeControls: false, gutter: true })]),
    ...(isReadOnly
      ? [EditorState.readOnly.of(true), EditorView.editable.of(false), keymap.of([...searchKeymap, ...foldKeymap])]
      : editing(props)),
    ...(check === undefined
      ? []
      : [lintGutter(), linter(async ({ state }) => (await check(state.doc.toString())).slice())]),
  ];
}

function editing(props: () => EditorProps): Extension[] {
  return [
    history(),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    EditorView.domEventHandlers({ beforeinput: replaceLines }),
    EditorView.updateListener.of(({ docChanged, state }) => {
      if (docChanged) props().onChange?.(state.doc.toString());
    }),
    keymap.of([
      {
        key: 'Mod-s',
        preventDefault: true,
        run: () => {
          props().onSave?.();
          return true;
        },
      },
      // Tab leaves the editor after Escape, so that the keyboard is not caught in it.
      ...defaultKeymap,
      ...historyKeymap,
      ...searchKeymap,
      ...foldKeymap,
      indentWithTab,
    ]),
  ];
}

/**
 * Types over several lines. Left to the browser, it would keep their style in an attribute, which the content policy
 * refuses.
 */
function replaceLines(event: InputEvent, view: EditorView): boolean {
  const { from, to } = view.state.selection.main;
  const isOneLine = view.state.doc.lineAt(from).to >= to;
  if (event.inputType !== 'insertText' || event.data === null || event.isComposing || isOneLine) return false;
  event.preventDefault();
  view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
  return true;
}
