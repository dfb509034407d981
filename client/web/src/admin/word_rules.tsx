import { useState } from "preact/hooks";
import { Confirm } from "../ui/dialog.tsx";
import { Field, Select } from "../ui/field.tsx";
import { notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import { useAct, useLoaded, useOperation } from "./context.ts";
import type { WordRule } from "./operators.ts";
import { Card, State, Tag } from "./parts.tsx";

/** What messages may not say. */
export function WordsSection() {
  const words = useWords();
  const { t } = words;
  const { operators } = useOperation();
  const act = useAct();
  const loaded = useLoaded(operators.wordRules);
  const [removed, setRemoved] = useState<WordRule>();
  return (
    <>
      <h1>{t("admin.words")}</h1>
      <p class="lead quiet">{t("admin.words.lead")}</p>
      <NewRule onAdded={loaded.reload} />
      <Card title={t("admin.words.list")}>
        <State of={loaded} none={t("admin.words.none")} />
        <ul class="admin-list">
          {loaded.value?.map((rule) => (
            <li key={rule.id} class="with-button">
              <div class="rule">
                <code>{rule.pattern}</code>
                <Tag tone={rule.action === "refuse" ? "danger" : "warning"}>{t(`admin.words.${rule.action}`)}</Tag>
                <small class="quiet">{words.moment(rule.created_at)}</small>
              </div>
              <button type="button" class="button small" onClick={() => setRemoved(rule)}>
                {t("admin.remove")}
                <span class="for-readers">{` ${rule.pattern}`}</span>
              </button>
            </li>
          ))}
        </ul>
      </Card>
      {removed && (
        <Confirm
          question={t("act.sure", { action: t("admin.remove"), name: removed.pattern })}
          action={t("admin.remove")}
          onConfirm={async () => {
            if (!await act(() => operators.removeWordRule(removed.id))) return;
            loaded.reload();
            notify(t("queue.done"));
          }}
          onClose={() => setRemoved(undefined)}
        />
      )}
    </>
  );
}

function NewRule({ onAdded }: { onAdded: () => void }) {
  const { t } = useWords();
  const { operators } = useOperation();
  const act = useAct();
  const [pattern, setPattern] = useState("");
  const [action, setAction] = useState<WordRule["action"]>("flag");

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!await act(() => operators.addWordRule(pattern.trim(), action))) return;
    setPattern("");
    onAdded();
    notify(t("queue.done"));
  }

  return (
    <Card title={t("admin.words.new")}>
      <form class="form wide" onSubmit={onSubmit}>
        <Field
          label={t("admin.words.pattern")}
          hint={t("admin.words.hint")}
          value={pattern}
          limit={500}
          autocomplete="off"
          onInput={(event) => setPattern(event.currentTarget.value)}
          required
        />
        <Select
          label={t("admin.words.action")}
          value={action}
          options={{ flag: t("admin.words.flag"), hold: t("admin.words.hold"), refuse: t("admin.words.refuse") }}
          onChange={setAction}
        />
        <button type="submit" class="button primary" disabled={!pattern.trim()}>{t("admin.add")}</button>
      </form>
    </Card>
  );
}
