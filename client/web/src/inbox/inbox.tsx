import { useState } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { moveFocus } from "../ui/arrows.ts";
import { SearchField } from "../ui/search_field.tsx";
import { IconButton } from "../ui/icon.tsx";
import { attempt } from "../ui/notices.tsx";
import { useStore } from "../ui/use_store.ts";
import { useWords } from "../words/use_words.ts";
import { RoomItem } from "./room_item.tsx";
import { useOnlinePeople } from "./use_online_people.ts";
import { lazy } from "../ui/lazy.tsx";

const GroupDialog = lazy(async () => (await import("./group_dialog.tsx")).GroupDialog);
const PublicGroups = lazy(async () => (await import("./public_groups.tsx")).PublicGroups);

const Invitations = lazy(async () => (await import("./invitations.tsx")).Invitations);
const MentionsDialog = lazy(async () => (await import("./mentions_dialog.tsx")).MentionsDialog);
const Found = lazy(async () => (await import("./found.tsx")).Found);

type Window = "group" | "public" | "mentions";

/** The rooms, most recently active first, or the results of a search. */
export function Inbox({ open }: { open?: number }) {
  const { t } = useWords();
  const [query, setQuery] = useState("");
  const [archive, setArchive] = useState(false);
  const [window, setWindow] = useState<Window>();
  return (
    <section class="list-pane" aria-label={t("inbox.rooms")}>
      <div class="list-tools">
        <SearchField label={t("inbox.find")} placeholder={t("search")} value={query} onInput={setQuery} />
        <MentionsButton onClick={() => setWindow("mentions")} />
        <IconButton icon="plus" label={t("group.new")} onClick={() => setWindow("group")} />
        <IconButton icon="globe" label={t("groups.public")} onClick={() => setWindow("public")} />
        <IconButton icon="archive" label={t("archived")} pressed={archive} onClick={() => setArchive(!archive)} />
      </div>
      {query.trim() ? <Found query={query} onDone={() => setQuery("")} /> : <RoomList open={open} archive={archive} />}
      {window === "group" && <GroupDialog onClose={() => setWindow(undefined)} />}
      {window === "mentions" && <MentionsDialog onClose={() => setWindow(undefined)} />}
      {window === "public" && <PublicGroups onClose={() => setWindow(undefined)} />}
    </section>
  );
}

function MentionsButton({ onClick }: { onClick: () => void }) {
  const { t } = useWords();
  const { chat } = useSession();
  const { mentions: count } = useStore(chat.rooms);
  const label = count > 0 ? t("mentions.unread", { count }) : t("mentions");
  return <IconButton icon="at" label={label} class={count > 0 ? "has-news" : ""} onClick={onClick} />;
}

function RoomList({ open, archive }: { open?: number; archive: boolean }) {
  const { t } = useWords();
  const { chat, me } = useSession();
  const { status, rooms, hasMore } = useStore(chat.rooms);
  const shown = rooms.filter(({ archived_at }) => (archived_at !== null) === archive);
  const online = useOnlinePeople(shown);
  if (status !== "ready" && rooms.length === 0) return <p class="quiet padded">{t("loading")}</p>;
  const first = shown.some(({ id }) => id === open) ? open : shown[0]?.id;
  return (
    <div class="scroll" onKeyDown={(event) => moveFocus(event, "a.item")}>
      {!archive && <Invitations />}
      {shown.length === 0 && <p class="quiet padded">{t(archive ? "inbox.empty.archive" : "inbox.empty")}</p>}
      <ul class="items">
        {shown.map((room) => (
          <RoomItem
            key={room.id}
            room={room}
            me={me}
            current={room.id === open}
            first={room.id === first}
            online={room.other_member !== null && online.has(room.other_member.user_id)}
          />
        ))}
      </ul>
      {hasMore && (
        <button type="button" class="button plain" onClick={() => attempt(() => chat.rooms.loadMore())}>
          {t("inbox.more")}
        </button>
      )}
    </div>
  );
}
