import { useState } from "preact/hooks";
import { SearchField } from "../ui/search_field.tsx";
import { usePages } from "../ui/use_pages.ts";
import { SEARCH_DELAY_MS } from "../ui/use_search.ts";
import { useWords } from "../words/use_words.ts";
import { useOperation } from "./context.ts";
import { useFormat } from "./format.ts";
import { PageList } from "./parts.tsx";
import { RoomPage } from "./room.tsx";
import { RoomName } from "./room_name.tsx";
import { roomAddress, type SectionProps } from "./route.ts";
import { useDelayed } from "./use_delayed.ts";

/** All rooms. */
export function RoomsSection({ route }: SectionProps) {
  return route.id ? <RoomPage id={Number(route.id)} /> : <RoomList />;
}

function RoomList() {
  const words = useWords();
  const { t } = words;
  const { operators } = useOperation();
  const { number } = useFormat();
  const [text, setText] = useState("");
  const query = useDelayed(text.trim(), SEARCH_DELAY_MS);
  const pages = usePages((page) => operators.rooms(query, page), { key: query });
  return (
    <>
      <h1>{t("admin.rooms")}</h1>
      <SearchField label={t("admin.rooms.find")} value={text} onInput={setText} />
      <PageList of={pages} none={t("nothing")}>
        {(room) => (
          <li key={room.id}>
            <a class="item" href={roomAddress(room.id)}>
              <RoomName room={room} />
              <span class="item-text">
                {[
                  `#${room.id}`,
                  t("room.members", { count: room.member_count }),
                  t("admin.messages.count", { count: room.message_count, shown: number(room.message_count) }),
                  room.last_message_at && t("admin.last.message", { when: words.ago(room.last_message_at) }),
                ].filter(Boolean).join(" · ")}
              </span>
            </a>
          </li>
        )}
      </PageList>
    </>
  );
}
