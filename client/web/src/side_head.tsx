import { useState } from "preact/hooks";
import { type Route, tabPath } from "./core/route.ts";
import { useSession } from "./core/session.ts";
import { Icon, IconButton } from "./ui/icon.tsx";
import { useStore } from "./ui/use_store.ts";
import { useWords } from "./words/use_words.ts";
import { lazy } from "./ui/lazy.tsx";

const ProfileDialog = lazy(async () => (await import("./account/profile_dialog.tsx")).ProfileDialog);
const QueueButton = lazy(async () => (await import("./moderation/queue_button.tsx")).QueueButton);

interface SideHeadProps {
  tab: Route["tab"];
  /** Whether it contains the heading of the page, when nothing else does. */
  titled: boolean;
}

/** The two tabs and the button for the profile. */
export function SideHead({ tab, titled }: SideHeadProps) {
  const { t } = useWords();
  const { unread } = useStore(useSession().chat.rooms);
  const [profile, setProfile] = useState(false);
  const current = (name: Route["tab"]) => tab === name ? "page" : undefined;
  return (
    <>
      <header class="side-head">
        {titled && <h1 class="for-readers">Parley</h1>}
        <nav class="tabs" aria-label="Parley">
          <a href={tabPath("chats")} aria-current={current("chats")}>
            <Icon name="group" />
            <span class="label">{t("tab.chats")}</span>
            {unread > 0 && (
              <span class="badge">
                <span aria-hidden="true">{unread}</span>
                <span class="for-readers">{t("inbox.unread", { count: unread })}</span>
              </span>
            )}
          </a>
          <a href={tabPath("conversations")} aria-current={current("conversations")}>
            <Icon name="spark" />
            <span class="label">{t("tab.conversations")}</span>
          </a>
        </nav>
        <QueueButton />
        <IconButton icon="user" label={t("profile")} onClick={() => setProfile(true)} />
      </header>
      {profile && <ProfileDialog onClose={() => setProfile(false)} />}
    </>
  );
}
