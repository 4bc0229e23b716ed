import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { Button } from '../components/button.js';
import { Dialog } from '../components/dialog.js';
import { Checkbox } from '../components/field.js';
import { Icon } from '../components/icon.js';
import { addressOf, projectAddress } from '../routing/addresses.js';
import { rightsOf } from './describe-caller.js';
import { isKept, keepInSession, projectKeys, type SignedKey, signOut, systemKey } from './session.js';
import { SignInForm } from './sign-in-form.js';

/** The keys of this session: what each may do, and a way to add one or to forget them. */
export function SessionPanel() {
  const [isOpen, setOpen] = useState(false);
  const keys = [...(systemKey.value ? [systemKey.value] : []), ...projectKeys.value.values()];
  return (
    <>
      <button type="button" class="item session" onClick={() => setOpen(true)}>
        <Icon name="key" />
        <span class="name">{keys.length === 1 ? nameOf(keys[0] as SignedKey) : `${keys.length} keys`}</span>
      </button>
      {isOpen && <KeysDialog keys={keys} onClose={() => setOpen(false)} />}
    </>
  );
}

function KeysDialog({ keys, onClose }: { readonly keys: readonly SignedKey[]; readonly onClose: () => void }) {
  const { route } = useLocation();
  return (
    <Dialog title="Keys of this session" onClose={onClose}>
      <ul class="signed-keys">
        {keys.map((signed) => (
          <li key={signed.key}>
            <div>
              <strong>{nameOf(signed)}</strong>
              <p class="hint">{rightsOf(signed.caller)}</p>
            </div>
            <Button kind="quiet" onClick={() => signOut(ownerOf(signed))}>
              Forget
            </Button>
          </li>
        ))}
      </ul>
      <Checkbox
        label="Keep the keys in this tab, so that a reload finds them"
        isChecked={isKept.value}
        onChange={keepInSession}
      />
      <h3>Add a key</h3>
      <SignInForm
        isNested
        onDone={({ project }) => {
          onClose();
          route(project === null ? addressOf('') : projectAddress(project, 'keys'));
        }}
      />
      <Button
        icon="signOut"
        onClick={() => {
          signOut();
          onClose();
        }}
      >
        Sign out
      </Button>
    </Dialog>
  );
}

function ownerOf({ caller }: SignedKey): { readonly project: string } | 'system' {
  return caller.project === null ? 'system' : { project: caller.project };
}

function nameOf({ caller }: SignedKey): string {
  return caller.project === null ? 'System key' : `${caller.project}: ${caller.name}`;
}
