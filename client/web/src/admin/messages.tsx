import { useEffect, useRef, useState } from "preact/hooks";
import { Avatar } from "../ui/avatar.tsx";
import { Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { LoadFailure } from "../ui/load_failure.tsx";
import { useLoading } from "../ui/use_loading.ts";
import { useWords } from "../words/use_words.ts";
import { useCheckedFailure, useLoaded, useOperation } from "./context.ts";
import { isOpenToAll, type Reading, type ReadMessage, type Room } from "./operators.ts";
import { Card, State, Tag } from "./parts.tsx";
import { useRoomName } from "./room_name.tsx";
import { address, personAddress, roomAddress, type SectionProps } from "./route.ts";

const PAGE_SIZE = 50;

/** The messages of a room, around one that was reported, or the last ones. */
export function MessagesSection({ route }: SectionProps) {
  const { t } = useWords();
  const { operators } = useOperation();
  const id = Number(route.id);
  const loaded = useLoaded(async () => await operators.room(id) ?? null);
  const room = loaded.value;
  const name = useRoomName();
  return (
    <>
      <a class="crumb" href={roomAddress(id)}>
        <Icon name="back" />
        {room ? name(room) : t("admin.room.number", { id })}
      </a>
      <h1>{room ? t("admin.messages.of", { name: name(room) }) : t("admin.messages")}</h1>
      <State of={loaded} none="" />
      {room === null && <p>{t("admin.room.gone")}</p>}
      {room && <Asked key={route.query.toString()} room={room} route={route} />}
    </>
  );
}

function Asked({ room, route }: SectionProps & { room: Room }) {
  const number = (name: string) => Number(route.query.get(name)) || undefined;
  const [reason, setReason] = useState("");
  const [report, around] = [number("report"), number("around")];
  const person = route.query.get("user");
  if (!report && !isOpenToAll(room) && !reason) return <Why onGiven={setReason} />;
  const reading: Reading = {
    room_id: room.id,
    ...(around && { around_id: around }),
    ...(person && { user_id: person }),
    ...(report && { report_id: report }),
    ...(reason && { reason }),
  };
  return <Messages reading={reading} room={room} />;
}

/** Asks why messages are read that were not written for everybody. */
function Why({ onGiven }: { onGiven: (reason: string) => void }) {
  const { t } = useWords();
  const { role } = useOperation();
  const [text, setText] = useState("");
  if (role !== "administrator") return <p class="admin-state quiet">{t("admin.room.private")}</p>;
  return (
    <Card title={t("admin.read.title")} lead={t("admin.read.lead")}>
      <form
        class="form narrow"
        onSubmit={(event) => {
          event.preventDefault();
          onGiven(text.trim());
        }}
      >
        <Field
          label={t("group.reason")}
          value={text}
          limit={500}
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
          required
        />
        <div class="buttons">
          <button type="submit" class="button primary" disabled={!text.trim()}>{t("admin.read.do")}</button>
        </div>
      </form>
    </Card>
  );
}

function Messages({ reading, room }: { reading: Reading; room: Room }) {
  const { t } = useWords();
  const { messages, isLoading, failure, older, newer } = useMessages(reading, room);
  return (
    <section class="admin-card" aria-label={t("admin.messages")}>
      {!isOpenToAll(room) && <p class="quiet">{t("admin.read.noted")}</p>}
      {reading.user_id && (
        <p class="links">
          <a href={address("messages", room.id, { report: reading.report_id })}>{t("admin.messages.all")}</a>
        </p>
      )}
      {older && <button type="button" class="button plain" onClick={older}>{t("admin.older")}</button>}
      <p class="quiet admin-state" role="status">
        {messages ? messages.length === 0 && t("inbox.no.messages") : isLoading && t("loading")}
      </p>
      <ol class="read">
        {messages?.map((message) => (
          <Message key={message.id} message={message} isReported={message.id === reading.around_id} />
        ))}
      </ol>
      <LoadFailure of={[failure]} />
      {newer && <button type="button" class="button plain" onClick={newer}>{t("admin.newer")}</button>}
    </section>
  );
}

/** Reads messages in both directions. */
function useMessages(reading: Reading, { message_count }: Room) {
  const { operators } = useOperation();
  const [messages, setMessages] = useState<ReadMessage[]>();
  const [hasOlder, setHasOlder] = useState(false);
  const [hasNewer, setHasNewer] = useState(false);
  const { isLoading, failure, start } = useLoading();
  useCheckedFailure(failure);
  const { around_id: _, ...onwards } = reading;
  const [first, last] = [messages?.[0], messages?.at(-1)];

  useEffect(() =>
    start(() => operators.messages(reading), (found) => {
      setMessages(found);
      setHasOlder((found[0]?.seq ?? 1) > 1);
      setHasNewer(reading.around_id !== undefined && (found.at(-1)?.seq ?? message_count) < message_count);
    }), []);

  function older(): void {
    start(() => operators.messages(onwards, { before: first!.seq }), (found) => {
      setMessages((messages = []) => [...found, ...messages]);
      setHasOlder(found.length === PAGE_SIZE);
    });
  }

  function newer(): void {
    start(() => operators.messages(onwards, { after: last!.seq }), (found) => {
      setMessages((messages = []) => [...messages, ...found]);
      setHasNewer(found.length === PAGE_SIZE);
    });
  }

  const isReady = !isLoading && !failure;
  return {
    messages,
    isLoading,
    failure,
    older: isReady && first && hasOlder ? older : undefined,
    newer: isReady && last && hasNewer ? newer : undefined,
  };
}

function Message({ message, isReported }: { message: ReadMessage; isReported: boolean }) {
  const words = useWords();
  const { t } = words;
  const { sender_id, username, content, attachments, forwarded_content, created_at, edited_at, deleted_at } = message;
  const name = username ?? t("message.somebody");
  const files = attachments.map(({ name }) => name).join(", ");
  const item = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isReported) item.current!.scrollIntoView({ block: "center" });
  }, []);
  return (
    <li ref={item} data-reported={isReported}>
      <Avatar name={name} seed={sender_id ?? ""} size="small" />
      <div>
        <p>
          {sender_id ? <a href={personAddress(sender_id)}>{name}</a> : <span>{name}</span>}
          <time class="quiet" dateTime={created_at}>{words.exact(created_at)}</time>
          {isReported && <Tag tone="warning">{t("admin.reported")}</Tag>}
          {edited_at && <small class="quiet">{t("message.edited")}</small>}
        </p>
        {deleted_at ? <p class="quiet">{t("message.deleted")}</p> : (
          <>
            {forwarded_content && <blockquote>{forwarded_content}</blockquote>}
            {content && <p class="said">{content}</p>}
            {files && <p class="quiet">{files}</p>}
          </>
        )}
      </div>
    </li>
  );
}
