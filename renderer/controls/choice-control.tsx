import { ChevronsUpDown } from 'lucide-react';
import { useId } from 'react';

/** One of several named values. */
export function ChoiceControl({
  title,
  doc,
  value,
  options,
  onChoose,
}: {
  readonly title: string;
  readonly doc: string;
  readonly value: string;
  /** Name and title of each, in order. A value that is none of them is shown as it is. */
  readonly options: readonly (readonly [name: string, title: string])[];
  onChoose(name: string): void;
}) {
  const id = useId();
  const isKnown = options.some(([name]) => name === value);
  return (
    <div className="field is-choice" title={doc}>
      <label htmlFor={id}>{title}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.target.value)}>
        {isKnown ? null : <option value={value}>{value}</option>}
        {options.map(([name, label]) => (
          <option key={name} value={name}>
            {label || name}
          </option>
        ))}
      </select>
      <ChevronsUpDown className="chevron" aria-hidden="true" />
    </div>
  );
}
