import { useState } from 'preact/hooks';
import { Checkbox, Field } from '../../components/field.js';
import { useDraft } from '../../forms/drafts.js';
import { type Problems, problemAt, problemsOf } from '../../forms/problems.js';
import { SelectField } from '../../forms/select-field.js';
import { TextArea } from '../../forms/text-area.js';
import { useAction } from '../../forms/use-action.js';
import { Section } from '../parts/view-page.js';
import { LimitFields } from './limit-fields.js';
import { SaveBar } from './save-bar.js';
import type { Settings } from './settings.js';
import { fieldsOf, problemsIn, settingsOf } from './settings-fields.js';

const DIALECTS = [
  ['unstorage', 'unstorage, its HTTP driver'],
  ['cloudflare', 'Cloudflare KV: the package cloudflare, wrangler'],
  ['upstash', 'Upstash Redis by REST: @upstash/redis'],
] as const;

export function SettingsForm(props: {
  readonly project: string;
  readonly settings: Settings;
  readonly onSave: (after: Settings) => Promise<void>;
}) {
  const { project, settings, onSave } = props;
  const { value, change, forget, isChanged } = useDraft(`settings ${project}`, fieldsOf(settings));
  const [isTried, setTried] = useState(false);
  const save = useAction(async () => {
    await onSave(settingsOf(settings, value));
    forget();
    setTried(false);
  });
  const problems: Problems = { ...problemsOf(save.error), ...(isTried ? problemsIn(value) : {}) };
  const submit = () => {
    setTried(true);
    if (Object.keys(problemsIn(value)).length === 0) void save.run();
    else setTimeout(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
  };
  const hasDialect = (name: string, isOn: boolean) =>
    DIALECTS.map(([one]) => one).filter((one) => (one === name ? isOn : value.dialects.includes(one)));
  return (
    <form
      class="form-sections"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Section title="Access">
        <Checkbox
          label="Keys and values may be listed, counted and exported"
          isChecked={value.isDiscoverable}
          onChange={(isDiscoverable) => change({ isDiscoverable })}
        />
        <p class="hint">
          If not, only who knows a key can read it: no lists, no counts, no export, no feed of all keys.
        </p>
      </Section>
      <LimitFields limits={value.limits} problems={problems} onChange={(limits) => change({ limits })} />
      <Section title="Web pages (CORS)" hint="Which web pages may call this project from a browser.">
        <SelectField
          label="Allowed origins"
          value={value.hasOwnOrigins ? 'own' : 'server'}
          choices={[
            { value: 'server', label: 'those of the server' },
            { value: 'own', label: 'these for this project' },
          ]}
          onChange={(choice) => change({ hasOwnOrigins: choice === 'own' })}
        />
        {value.hasOwnOrigins && (
          <TextArea
            label="Origins, one a line"
            placeholder="https://example.org"
            value={value.origins}
            onInput={(origins) => change({ origins })}
            hint="“*” allows all, “null” pages without an origin. None if this is empty."
            problem={problemAt(problems, 'cors.origins') ?? problemAt(problems, 'cors')}
          />
        )}
      </Section>
      <Section title="Dialects" hint="Clients of other servers that can use this project.">
        {DIALECTS.map(([name, text]) => (
          <Checkbox
            key={name}
            label={text}
            isChecked={value.dialects.includes(name)}
            onChange={(isOn) => change({ dialects: hasDialect(name, isOn) })}
          />
        ))}
      </Section>
      <Section title="After a change of engine">
        <Field
          label="Keep the old files for"
          placeholder="24h"
          value={value.keepOldFor}
          onInput={(keepOldFor) => change({ keepOldFor })}
          hint="As long as the way back is open. A day if this is empty."
          problem={problemAt(problems, 'storage.keep_old_for')}
        />
      </Section>
      <SaveBar
        save={save}
        isChanged={isChanged}
        onDiscard={() => {
          forget();
          setTried(false);
        }}
      />
    </form>
  );
}
