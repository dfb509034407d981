import type { SupabaseClient } from "@supabase/supabase-js";
import { useState } from "preact/hooks";
import { LIMITS } from "../core/limits.ts";
import { Field } from "../ui/field.tsx";
import { notify } from "../ui/notices.tsx";
import { Switches } from "../ui/switches.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import type { Key } from "../words/words.ts";
import { enter, reason } from "./enter.ts";
import { Agreement, OperatorLinks } from "./operator_links.tsx";
import { wantUsername } from "./wanted_username.ts";

/** Signs in, or creates an account; on the page of operators it only signs in. */
export function SignIn({ supabase, isAdmin }: { supabase: SupabaseClient; isAdmin: boolean }) {
  const { t } = useWords();
  const [isNew, setIsNew] = useState(false);
  const [problem, setProblem] = useState<Key>();
  const [busy, setBusy] = useState(false);

  async function submit(form: FormData): Promise<Key | undefined> {
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const [email, password] = [text("email"), String(form.get("password"))];
    if (!isNew) return await enter(supabase, email, password);
    const username = text("username");
    wantUsername(username);
    const agreed = form.has("terms") && { terms_agreed_at: new Date().toISOString() };
    const { data, error } = await supabase.auth.signUp({ email, password, options: { data: { username, ...agreed } } });
    if (!error && !data.session) notify(t("account.confirm"));
    return reason(error);
  }

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    setProblem(await submit(new FormData(event.currentTarget as HTMLFormElement)));
    setBusy(false);
  }

  return (
    <main class="center">
      <form class="card" onSubmit={onSubmit}>
        <div class="brand">
          <img src="./icon.svg" alt="" width="44" height="44" />
          <h1>Parley</h1>
          <p>{t(isAdmin ? "account.lead.admin" : "account.lead")}</p>
        </div>
        <Credentials isNew={isNew} />
        {isNew && <Agreement />}
        <div role="alert">{problem && <p class="problem">{t(problem)}</p>}</div>
        <button type="submit" class="button primary" disabled={busy}>{t(isNew ? "account.up" : "account.in")}</button>
        {!isAdmin && (
          <button
            type="button"
            class="button plain"
            onClick={() => {
              setIsNew(!isNew);
              setProblem(undefined);
            }}
          >
            {t(isNew ? "account.to.in" : "account.to.up")}
          </button>
        )}
      </form>
      <Switches />
      <OperatorLinks />
    </main>
  );
}

function Credentials({ isNew }: { isNew: boolean }) {
  const { t } = useWords();
  return (
    <>
      {isNew && (
        <Field
          label={t("account.username")}
          name="username"
          hint={t("account.username.hint")}
          autocomplete="username"
          pattern="[\p{L}\p{N}_@.+\-]+"
          limit={LIMITS.username}
          required
        />
      )}
      <Field
        label={t(isNew ? "account.email" : "account.email.or.username")}
        name="email"
        type={isNew ? "email" : "text"}
        autocomplete={isNew ? "email" : "username"}
        hint={isNew ? t("account.email.hint") : undefined}
        required
      />
      <Field
        label={t("account.password")}
        name="password"
        type="password"
        autocomplete={isNew ? "new-password" : "current-password"}
        hint={isNew ? t("account.password.hint") : undefined}
        minLength={isNew ? 8 : undefined}
        required
      />
    </>
  );
}
