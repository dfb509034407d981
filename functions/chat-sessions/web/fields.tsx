/** @jsxImportSource hono/jsx */

/** The input of a form, and its errors: texts for each field, as the API returns them. */
export interface FormState {
  values: Record<string, string>;
  errors: Record<string, string[]>;
}

/** A field of a form. */
export interface Field {
  name: string;
  label: string;
  type?: "text" | "email" | "password";
  autocomplete: string;
  required?: boolean;
  hint?: string;
}

/** A field with its label, hint and error; a password is never written back. */
export function field({ name, label, type = "text", autocomplete, required, hint }: Field, form: FormState) {
  const errors = form.errors[name] ?? [];
  const described = [hint && `${name}-hint`, errors.length > 0 && `${name}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type}
        value={type === "password" ? undefined : form.values[name]}
        autocomplete={autocomplete}
        autocapitalize="none"
        required={required}
        aria-describedby={described || undefined}
        aria-invalid={errors.length > 0 ? "true" : undefined}
        autofocus={name === Object.keys(form.errors)[0]}
      />
      {hint && <p class="hint" id={`${name}-hint`}>{hint}</p>}
      {errors.length > 0 && <p class="error" id={`${name}-error`}>{errors.join(" ")}</p>}
    </div>
  );
}

/** The errors of a form as a whole, or of fields that it does not show. */
export function formErrors(form: FormState, fields: Field[]) {
  const shown = fields.map(({ name }) => name);
  const texts = Object.entries(form.errors).flatMap(([name, texts]) => shown.includes(name) ? [] : texts);
  return texts.length > 0 && <p class="error summary" role="alert">{texts.join(" ")}</p>;
}
