import type { QueuedReport } from "parley-client";
import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { type Answer, ANSWER_ICONS, answersTo, answerWords, isSevere } from "../moderation/answers.ts";
import { ReportText } from "../moderation/report_text.tsx";
import { ResolveDialog } from "../moderation/resolve_dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { notify } from "../ui/notices.tsx";
import { type Pages, usePages } from "../ui/use_pages.ts";
import { useWords } from "../words/use_words.ts";
import type { Key } from "../words/words.ts";
import { useOperation, useRefreshed } from "./context.ts";
import { PageList } from "./parts.tsx";
import { address, personAddress, roomAddress, type SectionProps } from "./route.ts";
import { Tabs } from "./tabs.tsx";

const STATES = ["open", "resolved", "dismissed"] as const;

/** The queue of reports. */
export function ReportsSection({ route }: SectionProps) {
  const { t } = useWords();
  const { chat } = useSession();
  const state = STATES.find((state) => state === route.id) ?? "open";
  const pages = usePages((page) => chat.moderation.queue({ ...page, state }), { key: state });
  useRefreshed(pages);
  return (
    <>
      <h1>{t("admin.reports")}</h1>
      <Tabs
        label={t("queue.state")}
        current={state}
        tabs={STATES.map((name) => ({
          name,
          label: t(`admin.state.${name}`),
          href: address("reports", name === "open" ? undefined : name),
        }))}
      />
      <ReportList of={pages} none={t(state === "open" ? "admin.reports.none" : "queue.none")} />
    </>
  );
}

/** Reports with their answers. */
export function ReportList({ of: pages, none }: { of: Pages<QueuedReport>; none: string }) {
  const { t } = useWords();
  const { checkRole } = useOperation();
  const [chosen, setChosen] = useState<{ report: QueuedReport; answer: Answer }>();
  return (
    <>
      <PageList of={pages} none={none} class="admin-cards">
        {(report) => (
          <li key={report.id} class="admin-card">
            <ReportText report={report} />
            <Links report={report} />
            {report.state === "open" && (
              <Answers
                report={report}
                onAnswer={(answer) => setChosen({ report, answer })}
              />
            )}
            {report.resolution_note && <p class="quiet">{t("admin.answer.note", { note: report.resolution_note })}</p>}
          </li>
        )}
      </PageList>
      {chosen && (
        <ResolveDialog
          {...chosen}
          onDone={() => {
            notify(t("queue.done"));
            pages.reload();
          }}
          onClose={() => {
            setChosen(undefined);
            checkRole();
          }}
        />
      )}
    </>
  );
}

function Answers({ report, onAnswer }: { report: QueuedReport; onAnswer: (answer: Answer) => void }) {
  const { t } = useWords();
  return (
    <div class="answers">
      {answersTo(report).map((answer) => (
        <button
          key={answer}
          type="button"
          class={isSevere(answer) ? "button small danger" : "button small"}
          onClick={() => onAnswer(answer)}
        >
          <Icon name={ANSWER_ICONS[answer]} />
          {t(answerWords(report, answer))}
        </button>
      ))}
    </div>
  );
}

/** Where to look before answering. */
function Links({ report: { id, user_id, room_id, message_id } }: { report: QueuedReport }) {
  const { t } = useWords();
  const links: [string, Key][] = [];
  if (user_id !== null) links.push([personAddress(user_id), "admin.show.person"]);
  if (room_id !== null) {
    links.push([roomAddress(room_id), "admin.show.room"]);
    links.push([
      address("messages", room_id, { around: message_id !== null && message_id > 0 ? message_id : null, report: id }),
      "admin.show.messages",
    ]);
  }
  return (
    <p class="links">
      {links.filter(([href]) => href !== location.hash).map(([href, label]) => <a key={href} href={href}>{t(label)}
      </a>)}
    </p>
  );
}
