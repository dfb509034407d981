import type { QueuedReport } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Select } from "../ui/field.tsx";
import { MenuButton } from "../ui/menu.tsx";
import { notify } from "../ui/notices.tsx";
import { PageEnd } from "../ui/page_end.tsx";
import { usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import "../styles/moderation.css";
import { type Answer, ANSWER_ICONS, answersTo, answerWords, isSevere, subjectOf } from "./answers.ts";
import { ReportText } from "./report_text.tsx";
import { ResolveDialog } from "./resolve_dialog.tsx";

type State = QueuedReport["state"];

/** The reports of people and word rules, for moderators. */
export function QueueDialog({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const [state, setState] = useState<State>("open");
  const [chosen, setChosen] = useState<{ report: QueuedReport; answer: Answer }>();
  const pages = usePages((page) => chat.moderation.queue({ ...page, state }), { key: state });
  const { items, isLoading, reload } = pages;
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
            <li key={report.id} class="with-button">
              <ReportText report={report} />
              {report.state === "open" && (
                <MenuButton
                  label={t("queue.act", { name: subjectOf(report) })}
                  items={answersTo(report).map((answer) => ({
                    label: t(answerWords(report, answer)),
                    icon: ANSWER_ICONS[answer],
                    danger: isSevere(answer),
                    action: () => setChosen({ report, answer }),
                  }))}
                />
              )}
            </li>
          ))}
        </ul>
        <PageEnd of={pages} />
        <a class="button" href="./admin.html">{t("queue.admin")}</a>
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
