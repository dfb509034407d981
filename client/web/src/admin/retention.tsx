import { useState } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";
import { Check, Field, Select } from "../ui/field.tsx";
import { notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import { useAct, useLoaded, useOperation } from "./context.ts";
import { SECONDS, secondsOf, useFormat } from "./format.ts";
import type { Retention } from "./operators.ts";
import { State, Table } from "./parts.tsx";

const MOST_NEWEST = 100_000;

/** The units in which an age is written, the longest first. */
const AGE_UNITS = ["day", "hour", "minute"] as const;
type AgeUnit = typeof AGE_UNITS[number];

/** How long rows are kept that nobody needs forever. */
export function RetentionSection() {
  const { t } = useWords();
  const { operators } = useOperation();
  const { number } = useFormat();
  const keptName = useKeptName();
  const age = useAge();
  const bounds = useBounds();
  const loaded = useLoaded(operators.retention);
  const [edited, setEdited] = useState<Retention>();
  return (
    <>
      <h1>{t("admin.retention")}</h1>
      <p class="lead quiet">{t("admin.retention.lead")}</p>
      <State of={loaded} none={t("nothing")} />
      {loaded.value && (
        <Table
          label={t("admin.retention")}
          rows={loaded.value}
          keyOf={({ name }) => name}
          columns={[
            {
              label: t("admin.retention.what"),
              cell: (kept) => (
                <span class="named">
                  {keptName(kept)}
                  <code>{kept.name}</code>
                </span>
              ),
            },
            {
              label: t("admin.retention.age"),
              cell: (kept) =>
                kept.newest === null ? age(kept.age) : t("admin.retention.newest", { count: number(kept.newest) }),
              isNumber: true,
            },
            { label: t("admin.retention.bounds"), cell: bounds, isNumber: true },
            {
              label: t("admin.actions"),
              cell: (kept) => (
                <button type="button" class="button small" onClick={() => setEdited(kept)}>
                  {t("admin.change")}
                  <span class="for-readers">{` ${keptName(kept)}`}</span>
                </button>
              ),
              isNumber: true,
              isAction: true,
            },
          ]}
        />
      )}
      {edited && (
        <RetentionDialog
          kept={edited}
          onDone={() => {
            loaded.reload();
            notify(t("saved"));
          }}
          onClose={() => setEdited(undefined)}
        />
      )}
    </>
  );
}

/** Returns what is kept; what is newer than the page as the database describes it. */
function useKeptName(): (kept: Retention) => string {
  const words = useWords();
  return ({ name, description }) => {
    const key = `kept.${name}`;
    return words.has(key) ? words.t(key) : description;
  };
}

/** Returns an age in words; null is forever. */
function useAge(): (age: string | null) => string {
  const { t } = useWords();
  const { seconds } = useFormat();
  return (age) => {
    if (age === null) return t("admin.retention.forever");
    const length = secondsOf(age);
    return length === undefined ? age : seconds(length);
  };
}

/** Returns the shortest and the longest that something may be kept. */
function useBounds(): (kept: Retention) => string {
  const { t } = useWords();
  const { number } = useFormat();
  const age = useAge();
  return ({ newest, at_least, at_most }) => {
    if (newest !== null) return t("admin.retention.between", { least: number(1), most: number(MOST_NEWEST) });
    if (at_most === null) return t("admin.retention.at.least", { least: age(at_least) });
    if (at_least === null || secondsOf(at_least) === 0) return t("admin.retention.at.most", { most: age(at_most) });
    return t("admin.retention.between", { least: age(at_least), most: age(at_most) });
  };
}

interface RetentionDialogProps {
  kept: Retention;
  onDone: () => void;
  onClose: () => void;
}

function RetentionDialog({ kept, onDone, onClose }: RetentionDialogProps) {
  const { t } = useWords();
  const { operators } = useOperation();
  const act = useAct();
  const bounds = useBounds()(kept);
  const isByAge = kept.newest === null;
  // What has no age yet begins with the shortest that it may have.
  const before = secondsOf(kept.age ?? kept.at_least ?? "") ?? 0;
  const firstUnit = AGE_UNITS.find((unit) => before >= SECONDS[unit]) ?? "day";
  const firstCount = String(isByAge ? Number((before / SECONDS[firstUnit]).toFixed(2)) : kept.newest);
  const [count, setCount] = useState(firstCount);
  const [unit, setUnit] = useState<AgeUnit>(firstUnit);
  const [isForever, setForever] = useState(isByAge && kept.age === null);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    // An age that was shown rounded stays as it is.
    const isSameAge = kept.age !== null && count === firstCount && unit === firstUnit;
    const age = isSameAge ? kept.age : `${count} ${unit}s`;
    const wanted = {
      name: kept.name,
      age: isByAge && !isForever ? age : null,
      newest: isByAge ? null : Number(count),
    };
    if (!await act(() => operators.setRetention(wanted))) return;
    onDone();
    onClose();
  }

  return (
    <Dialog title={useKeptName()(kept)} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <p class="quiet">{`${t("admin.retention.hint")} ${t("admin.retention.bounds")}: ${bounds}`}</p>
        {isByAge && kept.at_most === null && (
          <Check label={t("admin.retention.always")} checked={isForever} onChange={setForever} />
        )}
        {!isForever && (
          <div class={isByAge ? "pair" : undefined}>
            <Field
              type="number"
              label={t(isByAge ? "admin.retention.age" : "admin.retention.newest.label")}
              value={count}
              min={isByAge ? 0 : 1}
              max={isByAge ? 1_000_000 : MOST_NEWEST}
              step={isByAge ? "any" : 1}
              onInput={(event) => setCount(event.currentTarget.value)}
              required
            />
            {isByAge && (
              <Select
                label={t("admin.retention.unit")}
                value={unit}
                options={Object.fromEntries(AGE_UNITS.map((unit) => [unit, t(`admin.age.${unit}`)])) as Record<
                  AgeUnit,
                  string
                >}
                onChange={setUnit}
              />
            )}
          </div>
        )}
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class="button primary">{t("save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
