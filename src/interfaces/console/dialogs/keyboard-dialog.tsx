import { Dialog } from '../components/dialog.js';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'search keys by prefix'],
  ['↑ ↓', 'move in the list; Home, End and the page keys work, too'],
  ['→ ←', 'open and close a folder'],
  ['Enter', 'show the entry'],
  ['Space', 'select the entry, to delete or download several'],
  ['e', 'edit the entry that is shown'],
  ['n', 'new key'],
  ['Del', 'delete the entry, the folder, or what is selected'],
  ['Ctrl S', 'save in the editor'],
  ['Esc Tab', 'leave the editor'],
  ['?', 'this list'],
];

export function KeyboardDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="shortcuts">
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
