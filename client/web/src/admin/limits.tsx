import { useState } from "preact/hooks";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Select } from "../ui/field.tsx";
import { notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import { useAct, useLoaded, useOperation } from "./context.ts";
import { perSecond, RATE_UNITS, rateOf, type RateUnit, useFormat } from "./format.ts";
import type { Limit } from "./operators.ts";
import { State, Table } from "./parts.tsx";

const MOST_AT_ONCE = 1_000_000_000;

/** How often a person may do something. */
export function LimitsSection() {
  const { t } = useWords();
  const { operators } = useOperation();
  const { number } = useFormat();
  const actionName = useLimitName();
  const loaded = useLoaded(operators.limits);
  const [edited, setEdited] = useState<Limit>();
  const rate = ({ per_second }: Limit) => {
    const { count, unit } = rateOf(per_second);
    return t(`admin.rate.${unit}`, { count: number(count, 2) });
  };
  return (
    <>
      <h1>{t("admin.limits")}</h1>
      <p class="lead quiet">{t("admin.limits.lead")}</p>
      <State of={loaded} none={t("nothing")} />
      {loaded.value && (
        <Table
          label={t("admin.limits")}
          rows={loaded.value}
          keyOf={({ action }) => action}
          columns={[
            {
              label: t("admin.limits.action"),
              cell: ({ action }) => (
                <span class="named">
                  {actionName(action)}
                  <code>{action}</code>
                </span>
              ),
            },
            { label: t("admin.limits.capacity"), cell: ({ capacity }) => number(capacity), isNumber: true },
            { label: t("admin.limits.rate"), cell: rate, isNumber: true },
            {
              label: t("admin.limits.cost"),
              cell: ({ cost }) => cost === 0 ? t("admin.limits.off") : number(cost),
              isNumber: true,
            },
            {
              label: t("admin.actions"),
              cell: (limit) => (
                <button type="button" class="button small" onClick={() => setEdited(limit)}>
                  {t("admin.change")}
                  <span class="for-readers">{` ${actionName(limit.action)}`}</span>
                </button>
              ),
              isNumber: true,
              isAction: true,
            },
          ]}
        />
      )}
      {edited && (
        <LimitDialog
          limit={edited}
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

/** Returns what a limit is about; one that is newer than the page by its own name. */
function useLimitName(): (action: string) => string {
  const words = useWords();
  return (action) => {
    const key = `limit.${action}`;
    return words.has(key) ? words.t(key) : action;
  };
}

interface LimitDialogProps {
  limit: Limit;
  onDone: () => void;
  onClose: () => void;
}

function LimitDialog({ limit, onDone, onClose }: LimitDialogProps) {
  const { t } = useWords();
  const { operators } = useOperation();
  const act = useAct();
  const before = rateOf(limit.per_second);
  const [capacity, setCapacity] = useState(String(limit.capacity));
  const [count, setCount] = useState(String(before.count));
  const [unit, setUnit] = useState<RateUnit>(before.unit);
  const [cost, setCost] = useState(String(limit.cost));
  const isSameRate = count === String(before.count) && unit === before.unit;
  const isTooDear = Number(cost) > Number(capacity);

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const wanted = {
      action: limit.action,
      capacity: Number(capacity),
      // A rate that was shown rounded stays as it is.
      per_second: isSameRate ? limit.per_second : perSecond(Number(count), unit),
      cost: Number(cost),
    };
    if (isTooDear || !await act(() => operators.setLimit(wanted))) return;
    onDone();
    onClose();
  }

  return (
    <Dialog title={useLimitName()(limit.action)} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <Field
          type="number"
          label={t("admin.limits.capacity")}
          hint={t("admin.limits.capacity.hint")}
          value={capacity}
          min={1}
          max={MOST_AT_ONCE}
          step={1}
          onInput={(event) => setCapacity(event.currentTarget.value)}
          required
        />
        <div class="pair">
          <Field
            type="number"
            label={t("admin.limits.rate")}
            value={count}
            min={0.001}
            max={1_000_000}
            step="any"
            onInput={(event) => setCount(event.currentTarget.value)}
            required
          />
          <Select
            label={t("admin.limits.unit")}
            value={unit}
            options={Object.fromEntries(RATE_UNITS.map((unit) => [unit, t(`admin.unit.${unit}`)])) as Record<
              RateUnit,
              string
            >}
            onChange={setUnit}
          />
        </div>
        <Field
          type="number"
          label={t("admin.limits.cost")}
          hint={isTooDear ? t("admin.limits.dear") : t("admin.limits.cost.hint")}
          wrong={isTooDear}
          value={cost}
          min={0}
          step={1}
          onInput={(event) => setCost(event.currentTarget.value)}
          required
        />
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class="button primary">{t("save")}</button>
        </div>
      </form>
    </Dialog>
  );
}
