import type { Ref } from "preact";

interface SearchFieldProps {
  label: string;
  /** Shown inside instead of the label, if that is long. */
  placeholder?: string;
  value: string;
  onInput: (value: string) => void;
  field?: Ref<HTMLInputElement>;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** A search field that shows its label inside. */
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
