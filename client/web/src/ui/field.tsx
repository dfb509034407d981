import type { ComponentChildren, Ref, TargetedInputEvent } from "preact";
import { useId } from "preact/hooks";

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  /** Whether the hint tells what is wrong. */
  wrong?: boolean;
  name?: string;
  type?: "text" | "email" | "password";
  value?: string;
  defaultValue?: string;
  autocomplete?: "username" | "email" | "new-password" | "current-password" | "off";
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  required?: boolean;
  onInput?: (event: TargetedInputEvent<HTMLInputElement>) => void;
}

/** A line to fill in, with its label above and a hint below. */
export function Field({ label, hint, wrong = false, type = "text", ...input }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type={type as "text"}
        // A phone would begin a name with a capital.
        autocapitalize={input.autocomplete === "username" ? "none" : undefined}
        aria-describedby={hint ? `${id}-hint` : undefined}
        aria-invalid={wrong}
        {...input}
      />
      {hint && <p id={`${id}-hint`} class={wrong ? "hint wrong" : "hint"}>{hint}</p>}
    </div>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

interface SearchFieldProps {
  label: string;
  /** What is shown in it instead of the label, when that is long. */
  placeholder?: string;
  value: string;
  onInput: (value: string) => void;
  field?: Ref<HTMLInputElement>;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A line to search by; its label is shown in it. */
export function SearchField({ label, placeholder = label, value, onInput, field, onKeyDown }: SearchFieldProps) {
  return (
    <input
      ref={field}
      class="search-field"
      type="search"
      aria-label={label}
      placeholder={placeholder}
      autocomplete="off"
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
      onKeyDown={onKeyDown}
    />
  );
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: Record<T, string>;
  onChange: (value: T) => void;
}

export function Select<T extends string>({ label, value, options, onChange }: SelectProps<T>) {
  return (
    <label class="select">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
        {(Object.entries(options) as [T, string][]).map(([key, name]) => <option key={key} value={key}>{name}</option>)}
      </select>
    </label>
  );
}
