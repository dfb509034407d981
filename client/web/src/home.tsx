import { useEffect, useRef, useState } from "preact/hooks";
import { missedUsername } from "./account/wanted_username.ts";
import { conversationPath, roomPath, useRoute } from "./core/route.ts";
import { useSession } from "./core/session.ts";
import { Inbox } from "./inbox/inbox.tsx";
import { CardContext } from "./people/card.ts";
import { RoomPage } from "./room/room_page.tsx";
import { SideHead } from "./side_head.tsx";
import { Icon } from "./ui/icon.tsx";
import { notify } from "./ui/notices.tsx";
import { ONE_COLUMN, useMedia } from "./ui/use_media.ts";
import { useStore } from "./ui/use_store.ts";
import { hasKeyboard } from "./ui/write_line.tsx";
import { useWords } from "./words/use_words.ts";
import { lazy, loadAll } from "./ui/lazy.tsx";

const PersonCard = lazy(async () => (await import("./people/person_card.tsx")).PersonCard);
const InvitePage = lazy(async () => (await import("./room/invite_page.tsx")).InvitePage);
const ModerationArea = lazy(async () => (await import("./moderation/moderation_area.tsx")).ModerationArea);
const ConversationList = lazy(async () => (await import("./conversations/conversation_list.tsx")).ConversationList);
const ConversationPage = lazy(async () => (await import("./conversations/conversation_page.tsx")).ConversationPage);

/** The app for a signed-in user: lists at the side and the open room beside them; on a phone one of the two. */
export function Home() {
  const { t } = useWords();
  const route = useRoute();
  const isOnline = useOnline();
  const isOneColumn = useMedia(ONE_COLUMN);
  const [card, setCard] = useState<string>();
  useLife();
  const { room, conversation, invite } = route;
  const isOpen = [room, conversation, invite].some((open) => open !== undefined);
  useMovedFocus(room !== undefined ? roomPath(room) : conversation && conversationPath(conversation));
  return (
    <CardContext.Provider value={setCard}>
      <div class="home" data-open={isOpen}>
        {!isOnline && <p class="banner" role="status">{t("offline")}</p>}
        <div class="side">
          <SideHead tab={route.tab} titled={!isOpen} />
          {/* Where the list stands alone, it is what the page is about. */}
          <div class="list-pane" role={isOneColumn && !isOpen ? "main" : undefined}>
            {route.tab === "chats" ? <Inbox open={room} /> : <ConversationList open={conversation} />}
          </div>
        </div>
        <main class="main" tabIndex={-1}>
          {room !== undefined && <RoomPage key={room} id={room} route={route} />}
          {conversation !== undefined && <ConversationPage key={conversation} id={conversation} route={route} />}
          {invite !== undefined && <InvitePage key={invite} token={invite} />}
          {!isOpen && (
            <div class="center quiet">
              <Icon name={route.tab === "chats" ? "group" : "spark"} />
              <p>{t(route.tab === "chats" ? "inbox.welcome" : "conversation.hello")}</p>
              {route.tab === "conversations" && (
                <a class="button primary" href={conversationPath("new")}>{t("conversation.ask")}</a>
              )}
            </div>
          )}
        </main>
        <ModerationArea />
        {card && <PersonCard userId={card} onClose={() => setCard(undefined)} />}
      </div>
    </CardContext.Provider>
  );
}

/** By then the page has loaded what it shows first. */
const QUIET_MS = 1_500;

/**
 * While a user is signed in: the heartbeat, the unread count in the title, and a notice if the requested username was
 * taken.
 */
function useLife(): void {
  const { chat } = useSession();
  const { t } = useWords();
  const { unread } = useStore(chat.rooms);
  const [base] = useState(() => document.title);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Parley` : "Parley";
    return () => void (document.title = base);
  }, [unread]);
  useEffect(() => chat.status.start(), [chat]);
  useEffect(() => {
    const timer = setTimeout(loadAll, QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    chat.profiles.me().then(({ username }) => {
      const wanted = missedUsername(username);
      if (wanted) notify(t("account.taken", { wanted, given: username }));
    }, () => {}); // the page shows the error elsewhere
  }, [chat]);
}

/**
 * Moves the focus when something is opened or closed: on a phone one column replaces the other, and removes the element
 * that had the focus.
 * @param open the path of what is open
 */
function useMovedFocus(open: string | undefined): void {
  const before = useRef(open);
  useEffect(() => {
    const left = before.current;
    before.current = open;
    if (open === left) return;
    if (!open) document.querySelector<HTMLElement>(`a.item[href="${left}"]`)?.focus();
    else if (!hasKeyboard()) document.querySelector<HTMLElement>("main")?.focus();
  }, [open]);
}

/** Whether the device is online. */
function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const changed = () => setOnline(navigator.onLine);
    const events = ["online", "offline"] as const;
    for (const event of events) addEventListener(event, changed);
    return () => {
      for (const event of events) removeEventListener(event, changed);
    };
  }, []);
  return online;
}
