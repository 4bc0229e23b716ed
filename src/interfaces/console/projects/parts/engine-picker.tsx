import { useId } from 'preact/hooks';
import { Checkbox, Field } from '../../components/field.js';
import { type Problems, problemAt } from '../../forms/problems.js';
import { type EngineOption, engines } from './engines.js';

/** An engine and its options as they were typed. */
export interface EngineChoice {
  readonly engine: string;
  readonly options: Readonly<Record<string, string | boolean>>;
}

/** Chooses an engine by a card for each, and its options. */
export function EnginePicker(props: {
  readonly choice: EngineChoice;
  readonly current?: string;
  readonly problems: Problems;
  readonly onChange: (choice: EngineChoice) => void;
}) {
  const { choice, current, problems, onChange } = props;
  const name = useId();
  const chosen = engines.find((engine) => engine.name === choice.engine);
  const setOption = (option: string, value: string | boolean) =>
    onChange({ ...choice, options: { ...choice.options, [option]: value } });
  return (
    <>
      <fieldset class="engine-cards">
        <legend class="legend">Engine</legend>
        {engines.map((engine) => (
          <label key={engine.name} class="engine-card">
            <input
              type="radio"
              name={name}
              value={engine.name}
              checked={engine.name === choice.engine}
              onChange={() => onChange({ engine: engine.name, options: {} })}
            />
            <strong>
              {engine.title} {engine.name === current && <span class="badge">now</span>}
            </strong>
            <span class="hint">{engine.text}</span>
          </label>
        ))}
      </fieldset>
      {problemAt(problems, 'storage.engine') !== undefined && (
        <p class="problem">{problemAt(problems, 'storage.engine')}</p>
      )}
      {chosen !== undefined && chosen.options.length > 0 && (
        <details open={chosen.onServer === true}>
          <summary>Options</summary>
          <div class="form">
            {chosen.options.map((option) => (
              <Option
                key={option.name}
                option={option}
                value={choice.options[option.name]}
                problem={problemAt(problems, `storage.options.${option.name}`)}
                onChange={(value) => setOption(option.name, value)}
              />
            ))}
          </div>
        </details>
      )}
    </>
  );
}

function Option(props: {
  readonly option: EngineOption;
  readonly value: string | boolean | undefined;
  readonly problem: string | undefined;
  readonly onChange: (value: string | boolean) => void;
}) {
  const { option, value, problem, onChange } = props;
  if (option.kind === 'flag') return <Checkbox label={option.label} isChecked={value === true} onChange={onChange} />;
  return (
    <Field label={option.label} value={String(value ?? '')} onInput={onChange} hint={option.hint} problem={problem} />
  );
}

/** The options as the API takes them; what is not a number is sent as it is, and the server says so. */
export function optionsOf({ engine, options }: EngineChoice): Record<string, unknown> {
  const known = engines.find(({ name }) => name === engine)?.options ?? [];
  const given = Object.entries(options).filter(([, value]) => value !== '' && value !== false);
  return Object.fromEntries(
    given.map(([name, value]) => {
      const isNumber = known.find((option) => option.name === name)?.kind === 'number';
      return [name, isNumber && Number.isFinite(Number(value)) ? Number(value) : value];
    }),
  );
}

/** The other way: options of a project as the form shows them. */
export function choiceOf(engine: string, options: Readonly<Record<string, unknown>> = {}): EngineChoice {
  const shown = Object.entries(options).map(([name, value]) => [
    name,
    typeof value === 'boolean' ? value : String(value),
  ]);
  return { engine, options: Object.fromEntries(shown) };
}
