import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../components/button.js';

interface KeysToolbarProps {
  readonly prefix: string;
  readonly separator: string;
  readonly isReversed: boolean;
  readonly mayWrite: boolean;
  readonly onChange: (change: { prefix?: string; separator?: string; isReversed?: boolean }) => void;
  readonly onNew: () => void;
  readonly onUpload: (files: readonly File[]) => void;
}

const FOLDERS: readonly (readonly [string, string])[] = [
  ['/', 'Folders by /'],
  [':', 'Folders by :'],
  ['.', 'Folders by .'],
  ['', 'One list'],
];

/** Waits until typing pauses. */
const PAUSE = 250;

export function KeysToolbar(props: KeysToolbarProps) {
  const { prefix, separator, isReversed, onChange } = props;
  const [text, setText] = useState(prefix);
  const files = useRef<HTMLInputElement>(null);
  useEffect(() => setText(prefix), [prefix]);
  useEffect(() => {
    if (text === prefix) return;
    const timer = setTimeout(() => onChange({ prefix: text }), PAUSE);
    return () => clearTimeout(timer);
  }, [text, prefix, onChange]);
  return (
    <div class="keys-toolbar">
      <input
        type="search"
        id="key-search"
        placeholder="Search by prefix  ( / )"
        aria-label="Search keys by prefix"
        aria-keyshortcuts="/"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onChange({ prefix: text });
          if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('.key-list')?.focus();
        }}
      />
      <div class="row wrap">
        <select
          aria-label="Folders"
          value={separator}
          onChange={(event) => onChange({ separator: event.currentTarget.value })}
        >
          {FOLDERS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <select
          aria-label="Order"
          value={isReversed ? 'last' : 'first'}
          onChange={(event) => onChange({ isReversed: event.currentTarget.value === 'last' })}
        >
          <option value="first">First to last</option>
          <option value="last">Last to first</option>
        </select>
        <span class="grow" />
        {props.mayWrite && (
          <>
            <input
              ref={files}
              type="file"
              multiple
              hidden
              aria-label="Files to upload"
              onChange={(event) => {
                props.onUpload([...(event.currentTarget.files ?? [])]);
                event.currentTarget.value = '';
              }}
            />
            <Button icon="upload" label="Upload files" onClick={() => files.current?.click()} />
            <Button icon="add" kind="primary" shortcut="n" onClick={props.onNew}>
              New key
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
