import type { ComponentChildren, TargetedInputEvent } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { excess } from "../core/limits.ts";
import { useWords } from "../words/use_words.ts";

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  /** Whether the hint describes an error. */
  wrong?: boolean;
  name?: string;
  type?: "text" | "email" | "password" | "date" | "number";
  value?: string;
  defaultValue?: string;
  autocomplete?: "username" | "email" | "new-password" | "current-password" | "off";
  pattern?: string;
  minLength?: number;
  min?: number;
  max?: number;
  step?: number | "any";
  /** Maximum number of characters. Longer text is not cut, but not accepted. */
  limit?: number;
  required?: boolean;
  readOnly?: boolean;
  onInput?: (event: TargetedInputEvent<HTMLInputElement>) => void;
}

/** A text field with its label above and a hint below. */
export function Field({ label, hint, wrong = false, type = "text", limit, onInput, ...input }: FieldProps) {
  const { t } = useWords();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(0);
  const tooLong = over > 0 ? t("too.long", { count: over, limit: limit! }) : "";
  useEffect(() => field.current!.setCustomValidity(tooLong), [tooLong]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={field}
        id={id}
        type={type as "text"}
        // Phones would capitalize a name.
        autocapitalize={input.autocomplete === "username" ? "none" : undefined}
        aria-describedby={tooLong || hint ? `${id}-hint` : undefined}
        aria-invalid={wrong || over > 0}
        onInput={(event) => {
          setOver(excess(event.currentTarget.value, limit));
          onInput?.(event);
        }}
        {...input}
      />
      {(tooLong || hint) && <p id={`${id}-hint`} class={wrong || over > 0 ? "hint wrong" : "hint"}>{tooLong || hint}
      </p>}
    </div>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (isChecked: boolean) => void;
}

export function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
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
