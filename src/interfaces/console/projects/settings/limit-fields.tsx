import { Field } from '../../components/field.js';
import { bytes } from '../../formats/quantity.js';
import { type Problems, problemAt } from '../../forms/problems.js';
import { SelectField } from '../../forms/select-field.js';
import { TextArea } from '../../forms/text-area.js';
import { Section } from '../parts/view-page.js';

type Limits = Readonly<Record<string, string>>;

const NUMBERS = [
  ['max_value_bytes', 'Largest value, in bytes', '16777216'],
  ['max_keys', 'Most keys', '1000000'],
  ['max_total_bytes', 'Most bytes in all', '1000000000'],
] as const;
const SWITCHES = [
  ['strict_json', 'A value with a JSON type must be JSON'],
  ['require_conditional', 'Writes must carry a condition'],
] as const;

/** The limits of a project; what is empty is as the server says. */
export function LimitFields(props: {
  readonly limits: Limits;
  readonly problems: Problems;
  readonly onChange: (limits: Limits) => void;
}) {
  const { limits, problems, onChange } = props;
  const field = (name: string) => ({
    value: limits[name] ?? '',
    problem: problemAt(problems, `limits.${name}`),
  });
  const set = (name: string) => (text: string) => {
    const { [name]: _, ...others } = limits;
    onChange(text === '' ? others : { ...others, [name]: text });
  };
  return (
    <Section title="Limits" hint="What is empty is as the server says. What is stored already stays.">
      <div class="columns">
        {NUMBERS.map(([name, label, placeholder]) => (
          <Field
            key={name}
            label={label}
            placeholder={placeholder}
            onInput={set(name)}
            hint={name.endsWith('bytes') ? sizeOf(limits[name]) : undefined}
            {...field(name)}
          />
        ))}
      </div>
      <Field
        label="Pattern of keys"
        placeholder="[a-z0-9/_-]+"
        onInput={set('key_pattern')}
        hint="A regular expression (RE2) that a whole key has to match."
        {...field('key_pattern')}
      />
      <div class="columns">
        {SWITCHES.map(([name, label]) => (
          <SelectField
            key={name}
            label={label}
            choices={[
              { value: '', label: 'as the server says' },
              { value: 'true', label: 'yes' },
              { value: 'false', label: 'no' },
            ]}
            onChange={set(name)}
            {...field(name)}
          />
        ))}
      </div>
      <TextArea
        label="Content types, one a line"
        placeholder={'application/json\ntext/*'}
        rows={2}
        onInput={set('content_types')}
        hint="All types if this is empty."
        {...field('content_types')}
      />
      <TextArea
        label="JSON Schema of values"
        isCode
        rows={4}
        placeholder={'{ "type": "object", "required": ["id"] }'}
        onInput={set('value_schema')}
        hint="Version 2020-12. Every value must then be JSON that satisfies it."
        {...field('value_schema')}
      />
    </Section>
  );
}

function sizeOf(text: string | undefined): string | undefined {
  const size = Number(text?.replaceAll(/[_, ]/g, ''));
  return text && size >= 1000 ? bytes(size) : undefined;
}
