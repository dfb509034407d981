import type { QueuedReport } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { useNames } from "../people/use_people.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field, Select } from "../ui/field.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { MenuButton, type MenuItem } from "../ui/menu.tsx";
import { attempt, notify } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../styles/moderation.css";
import { endOf, type Lasting, LastingField } from "./lasting.tsx";
import { usePages } from "./use_pages.ts";

type Action = NonNullable<QueuedReport["action"]>;
type State = QueuedReport["state"];

/** What moderators can do about a report. */
function actionsOn({ kind, user_id, snapshot }: QueuedReport): Action[] {
  const isGroup = snapshot.room?.kind === "group";
  const possible: Record<Action, boolean> = {
    dismiss: true,
    delete: kind === "message" || kind === "room" && isGroup,
    warn: user_id !== null,
    mute: user_id !== null,
    ban_from_room: kind === "message" && isGroup && user_id !== null,
    suspend: user_id !== null,
  };
  return (Object.keys(possible) as Action[]).filter((action) => possible[action]);
}

/** The reports of people and word rules, for moderators. */
export function QueueDialog({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [state, setState] = useState<State>("open");
  const [chosen, setChosen] = useState<{ report: QueuedReport; action: Action }>();
  const { items, isLoading, failure, reload, more } = usePages(
    (page) => chat.moderation.queue({ ...page, state }),
    state,
  );
  return (
    <>
      <Dialog title={t("queue")} onClose={onClose}>
        <Select
          label={t("queue.state")}
          value={state}
          options={{ open: t("queue.open"), resolved: t("queue.resolved"), dismissed: t("queue.dismissed") }}
          onChange={setState}
        />
        <p class="quiet" role="status">{items ? items.length === 0 && t("queue.none") : isLoading && t("loading")}</p>
        <ul class="items">
          {items?.map((report) => (
            <ReportItem
              key={report.id}
              report={report}
              onAct={(action) => setChosen({ report, action })}
            />
          ))}
        </ul>
        <LoadFailure of={[failure]} />
        {more && !failure && (
          <button type="button" class="button plain" disabled={isLoading} onClick={more}>{t("inbox.more")}</button>
        )}
      </Dialog>
      {chosen && (
        <ResolveDialog
          {...chosen}
          onDone={() => {
            notify(t("queue.done"));
            reload();
          }}
          onClose={() => setChosen(undefined)}
        />
      )}
    </>
  );
}

/** Whom or what a report is about, by the name that it had then. */
const subjectOf = ({ snapshot: { user, room } }: QueuedReport) =>
  user ? [user.first_name, user.last_name].filter(Boolean).join(" ") || user.username : room?.name ?? "";

function ReportItem({ report, onAct }: { report: QueuedReport; onAct: (action: Action) => void }) {
  const words = useWords();
  const { t } = words;
  const names = useNames();
  const { snapshot, note, reason, reporter_id, action } = report;
  const subject = subjectOf(report);
  const by = reason === "word_rule" ? t("reason.word_rule") : t("queue.by", {
    reason: t(`reason.${reason}`),
    name: names.person(reporter_id, null),
  });
  const items = actionsOn(report).map((action): MenuItem => ({
    label: t(`act.${action}`),
    icon: ICONS[action],
    danger: action !== "dismiss" && action !== "warn",
    action: () => onAct(action),
  }));
  const files = snapshot.message?.attachments.map(({ name }) => name).join(", ");
  return (
    <li class="with-button">
      <div class="report">
        <p>
          <strong>{subject}</strong>
          <small class="quiet">
            {[snapshot.message && snapshot.room?.name, words.moment(report.created_at)].filter(Boolean).join(", ")}
          </small>
        </p>
        {snapshot.message && <blockquote>{snapshot.message.content || files}</blockquote>}
        {snapshot.message?.edits.map(({ content }) => (
          <p key={content} class="quiet">{t("queue.before", { text: content })}</p>
        ))}
        <p class="quiet">
          {[by, reason === "word_rule" || note === "" ? note : `“${note}”`].filter(Boolean).join(": ")}
        </p>
        {action && <p class="quiet">{t(`act.${action}`)}</p>}
      </div>
      {report.state === "open" && <MenuButton label={t("queue.act", { name: subject })} items={items} />}
    </li>
  );
}

const ICONS = {
  dismiss: "check",
  delete: "trash",
  warn: "warning",
  mute: "mute",
  ban_from_room: "leave",
  suspend: "stop",
} as const satisfies Record<Action, MenuItem["icon"]>;

interface ResolveProps {
  report: QueuedReport;
  action: Action;
  onDone: () => void;
  onClose: () => void;
}

/** Asks until when and why, before something is done. */
function ResolveDialog({ report, action, onDone, onClose }: ResolveProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const [reason, setReason] = useState("");
  const [lasting, setLasting] = useState<Lasting>("week");
  const hasEnd = action === "mute" || action === "ban_from_room" || action === "suspend";

  async function onSubmit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const sanction = { reason: reason.trim(), ...(hasEnd && { until: endOf(lasting) }) };
    if (await attempt(() => chat.moderation.resolve(report.id, action, sanction))) onDone();
    onClose();
  }

  return (
    <Dialog title={t("act.sure", { action: t(`act.${action}`), name: subjectOf(report) })} onClose={onClose}>
      <form class="form" onSubmit={onSubmit}>
        <Field
          label={t(action === "dismiss" ? "act.note.own" : "act.note")}
          value={reason}
          limit={500}
          autocomplete="off"
          onInput={(event) => setReason(event.currentTarget.value)}
        />
        {hasEnd && <LastingField value={lasting} onChange={setLasting} />}
        <div class="buttons">
          <button type="button" class="button" onClick={onClose}>{t("cancel")}</button>
          <button type="submit" class={action === "dismiss" ? "button primary" : "button danger"}>
            {t(`act.${action}`)}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
