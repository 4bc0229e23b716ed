import { useState } from 'preact/hooks';
import { CommandLine } from '../../components/empty-state.js';
import { useDraft } from '../../forms/drafts.js';
import { problemsOf } from '../../forms/problems.js';
import { TextArea } from '../../forms/text-area.js';
import { useAction } from '../../forms/use-action.js';
import { apiRoot } from '../../routing/addresses.js';
import { Section } from '../parts/view-page.js';
import { SaveBar } from './save-bar.js';
import { objectProblem, patchOf, type Settings } from './settings.js';

/** The settings as the API has them. What is taken out of the text is taken out of the settings. */
export function SettingsJson(props: {
  readonly project: string;
  readonly settings: Settings;
  readonly onSave: (after: Settings) => Promise<void>;
}) {
  const { project, settings, onSave } = props;
  const { value, change, forget, isChanged } = useDraft(`settings JSON ${project}`, {
    text: JSON.stringify(settings, null, 2),
  });
  const [isTried, setTried] = useState(false);
  const problem = objectProblem(value.text);
  const save = useAction(async () => {
    await onSave(JSON.parse(value.text));
    forget();
    setTried(false);
  });
  const submit = () => {
    setTried(true);
    if (problem === undefined) void save.run();
  };
  const wrong = Object.entries(problemsOf(save.error));
  const patch = problem === undefined ? patchOf(settings, JSON.parse(value.text)) : {};
  return (
    <form
      class="form-sections"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Section title="As JSON" hint="Another engine, path or encryption moves the data. Keys are under API keys.">
        <TextArea
          label="Settings"
          isCode
          rows={Math.max(12, value.text.split('\n').length + 1)}
          value={value.text}
          onInput={(text) => {
            change({ text });
            save.forget();
          }}
          problem={isTried || isChanged ? problem : undefined}
        />
        {wrong.length > 0 && (
          <ul class="problem">
            {wrong.map(([path, message]) => (
              <li key={path}>
                <code>{path}</code>: {message}
              </li>
            ))}
          </ul>
        )}
        {Object.keys(patch).length > 0 && (
          <details>
            <summary>The same by curl</summary>
            <CommandLine
              text={`curl -X PUT ${apiRoot}/api/v1/projects/${project} -H "X-API-Key: $KEY" -d '${quoted(patch)}'`}
            />
          </details>
        )}
      </Section>
      <SaveBar save={save} isChanged={isChanged} onDiscard={forget} />
    </form>
  );
}

/** JSON inside single quotes of a shell. */
function quoted(value: object): string {
  return JSON.stringify(value).replaceAll("'", String.raw`'\''`);
}
