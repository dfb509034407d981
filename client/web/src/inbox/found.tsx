import { displayName, type FoundRoom, type Message, type Profile } from "parley-client";
import { messageAddress, roomPath } from "../core/route.ts";
import { useSession } from "../core/session.ts";
import { fileWords } from "../files/file_words.ts";
import { usePlainText } from "../markdown/plain_text.ts";
import { moveFocus } from "../ui/arrows.ts";
import { Face, RoomFace } from "../people/face.tsx";
import { useNames } from "../people/use_people.ts";
import { useWriteTo } from "../people/use_write_to.ts";
import { FoundText } from "../ui/found_text.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { useSearch } from "../ui/use_search.ts";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";

/** Rooms, people and messages found by a search. Selecting a person opens the direct chat. */
export function Found({ query, onDone }: { query: string; onDone: () => void }) {
  const { t } = useWords();
  const { chat, me, people: known } = useSession();
  const writeTo = useWriteTo();
  const rooms = useSearch(query, (text) => chat.rooms.find(text));
  const profiles = useSearch(query, (text) => chat.profiles.search(text, 10).then(known.kept));
  const messages = useSearch(query, (text) => chat.rooms.search(text, { limit: 20 }));
  const people = profiles.found?.filter(({ id }) => id !== me);
  const isEmpty = rooms.found?.length === 0 && people?.length === 0 && messages.found?.length === 0;

  async function openChatWith({ id }: Profile): Promise<void> {
    await writeTo(id);
    onDone();
  }

  return (
    <div class="scroll" onKeyDown={(event) => moveFocus(event, ".item")}>
      {hasAny(rooms.found) && <h2 class="list-title">{t("inbox.rooms")}</h2>}
      <ul class="items">{rooms.found?.map((room) => <RoomLine key={room.id} room={room} onDone={onDone} />)}</ul>
      {hasAny(people) && <h2 class="list-title">{t("inbox.people")}</h2>}
      <ul class="items">
        {people?.map((person) => (
          <li key={person.id}>
            <button type="button" class="item" onClick={() => openChatWith(person)}>
              <Face id={person.id} username={person.username} />
              <span class="item-name">{displayName(person)}</span>
              <span class="item-text">{`@${person.username}`}</span>
            </button>
          </li>
        ))}
      </ul>
      {hasAny(messages.found) && <h2 class="list-title">{t("inbox.messages")}</h2>}
      <ul class="items">
        {messages.found?.map((message) => <FoundMessage key={message.id} message={message} query={query} />)}
      </ul>
      <p class="quiet padded" role="status">{isEmpty ? t("nothing") : ""}</p>
      <LoadFailure of={[rooms.failure, profiles.failure, messages.failure]} />
    </div>
  );
}

const hasAny = (list: readonly unknown[] | undefined) => list !== undefined && list.length > 0;

function RoomLine({ room, onDone }: { room: FoundRoom; onDone: () => void }) {
  return (
    <li>
      <a class="item" href={roomPath(room.id)} onClick={onDone}>
        <RoomFace room={room} />
        <span class="item-name">{useNames().room(room)}</span>
        <span class="item-text">{room.description}</span>
      </a>
    </li>
  );
}

function FoundMessage({ message, query }: { message: Message; query: string }) {
  const words = useWords();
  const plainText = usePlainText();
  const { chat } = useSession();
  const { person } = useNames();
  const room = chat.rooms.getSnapshot().rooms.find(({ id }) => id === message.room_id);
  return (
    <li>
      <a class="item" href={messageAddress(message)}>
        <Face id={message.sender_id} username={message.sender_username} />
        <span class="item-name">
          {person(message.sender_id, message.sender_username)}
          {room?.kind === "group" && <small>{` · ${room.title}`}</small>}
        </span>
        <span class="item-time">{words.moment(message.created_at)}</span>
        <span class="item-text">
          <FoundText text={plainText(message.content) || fileWords(message.attachments, words)} query={query} />
        </span>
      </a>
    </li>
  );
}
