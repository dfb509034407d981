import type { Notice } from "parley-client";
import { useEffect, useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Dialog } from "../ui/dialog.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../styles/moderation.css";
import "../words/late.ts";
import { type Asked, onAsked } from "./asked.ts";
import { QueueDialog } from "./queue_dialog.tsx";
import { ReportDialog } from "./report_dialog.tsx";

/** What moderation shows over the page: the dialog for a report, the queue, and the notices of the user. */
export function ModerationArea() {
  const { chat } = useSession();
  const [asked, setAsked] = useState<Asked>();
  const [notices, setNotices] = useState<Notice[]>([]);
  useEffect(() => onAsked(setAsked), []);
  useEffect(() => {
    const load = () =>
      chat.moderation.notices({ limit: 20 }).then(
        (found) => setNotices(found.filter(({ read_at }) => read_at === null).reverse()),
        () => {}, // shown with the next one
      );
    load();
    return chat.moderation.onNotice(load);
  }, [chat]);

  async function confirm({ id }: Notice): Promise<void> {
    if (await attempt(() => chat.moderation.confirm(id))) setNotices(notices.filter((other) => other.id !== id));
  }

  const [first] = notices;
  return (
    <>
      {asked === "queue" && <QueueDialog onClose={() => setAsked(undefined)} />}
      {asked && asked !== "queue" && <ReportDialog {...asked} onClose={() => setAsked(undefined)} />}
      {first && !asked && <NoticeDialog key={first.id} notice={first} onClose={() => confirm(first)} />}
    </>
  );
}

function NoticeDialog({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const words = useWords();
  const { t } = words;
  return (
    <Dialog title={t("notice")} onClose={onClose}>
      <p>{t(`notice.${notice.kind}`, { room: notice.room_name })}</p>
      {notice.reason && <blockquote>{notice.reason}</blockquote>}
      {notice.until && <p class="quiet">{t("notice.until", { when: words.exact(notice.until) })}</p>}
      <div class="buttons">
        <button type="button" class="button primary" onClick={onClose}>{t("notice.read")}</button>
      </div>
    </Dialog>
  );
}
