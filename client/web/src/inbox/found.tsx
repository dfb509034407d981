import type { FoundRoom, Message, Profile } from "parley-client";
import { go, messageAddress, roomPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { moveFocus } from "../ui/arrows.ts";
import { Avatar } from "../ui/avatar.tsx";
import { attempt } from "../ui/notices.tsx";
import { useSearch } from "../ui/use_search.ts";
import { useWords } from "../words/use_words.ts";

/** Rooms, people and messages found by a search. Selecting a person opens the direct chat. */
export function Found({ query, onDone }: { query: string; onDone: () => void }) {
  const { t } = useWords();
  const { chat, me } = useSession();
  const rooms = useSearch(query, (text) => chat.rooms.find(text));
  const people = useSearch(query, (text) => chat.profiles.search(text, 10))?.filter(({ id }) => id !== me);
  const messages = useSearch(query, (text) => chat.rooms.search(text, { limit: 20 }));
  const isEmpty = rooms && people && messages && rooms.length + people.length + messages.length === 0;

  async function openChatWith({ id }: Profile): Promise<void> {
    await attempt(async () => go(roomPath((await chat.rooms.createDirect(id)).id)));
    onDone();
  }

  return (
    <div class="scroll" onKeyDown={(event) => moveFocus(event, ".item")}>
      {rooms && rooms.length > 0 && <h2 class="list-title">{t("inbox.rooms")}</h2>}
      <ul class="items">{rooms?.map((room) => <RoomLine key={room.id} room={room} onDone={onDone} />)}</ul>
      {people && people.length > 0 && <h2 class="list-title">{t("inbox.people")}</h2>}
      <ul class="items">
        {people?.map((person) => (
          <li key={person.id}>
            <button type="button" class="item" onClick={() => openChatWith(person)}>
              <Avatar name={person.username} />
              <span class="item-name">{person.username}</span>
              <span class="item-text">{`${person.first_name} ${person.last_name}`.trim()}</span>
            </button>
          </li>
        ))}
      </ul>
      {messages && messages.length > 0 && <h2 class="list-title">{t("inbox.messages")}</h2>}
      <ul class="items">{messages?.map((message) => <FoundMessage key={message.id} message={message} />)}</ul>
      <p class="quiet padded" role="status">{isEmpty ? t("nothing") : ""}</p>
    </div>
  );
}

function RoomLine({ room, onDone }: { room: FoundRoom; onDone: () => void }) {
  return (
    <li>
      <a class="item" href={roomPath(room.id)} onClick={onDone}>
        <Avatar name={room.title} group={room.kind === "group"} />
        <span class="item-name">{room.title}</span>
        <span class="item-text">{room.description}</span>
      </a>
    </li>
  );
}

function FoundMessage({ message }: { message: Message }) {
  const words = useWords();
  const { chat } = useSession();
  const room = chat.rooms.getSnapshot().rooms.find(({ id }) => id === message.room_id);
  return (
    <li>
      <a class="item" href={messageAddress(message)}>
        <Avatar name={message.sender_username ?? ""} />
        <span class="item-name">
          {message.sender_username ?? words.t("message.somebody")}
          {room?.kind === "group" && <small>{` · ${room.title}`}</small>}
        </span>
        <span class="item-time">{words.moment(message.created_at)}</span>
        <span class="item-text">{message.content}</span>
      </a>
    </li>
  );
}
