import type { LiveRoom, RoomMessage, SentMessage } from "parley-client";
import { useLayoutEffect, useRef } from "preact/hooks";
import { LIMITS } from "../../core/limits.ts";
import { useSession } from "../../core/session.ts";
import { AttachButton } from "../../files/attach_button.tsx";
import { fileWords } from "../../files/file_words.ts";
import { useViews } from "../../files/load_views.ts";
import type { ChosenFiles } from "../../files/use_chosen.ts";
import { usePlainLine } from "../../markdown/plain_text.ts";
import { useNames } from "../../people/use_people.ts";
import { Icon, IconButton } from "../../ui/icon.tsx";
import { lazy } from "../../ui/lazy.tsx";
import { hasKeyboard, mayTakeFocus, WriteLine } from "../../ui/write_line.tsx";
import { useWords } from "../../words/use_words.ts";
import type { Task } from "../messages/room_actions.ts";
import { useWriting } from "./use_writing.ts";

const SlowMode = lazy(async () => (await import("./slow_mode.tsx")).SlowMode);
const MentionCompletion = lazy(async () => (await import("./mention_completion.tsx")).MentionCompletion);

interface ComposerProps {
  room: LiveRoom;
  messages: readonly RoomMessage[];
  files: ChosenFiles;
  task: Task | undefined;
  onTask: (task: Task | undefined) => void;
}

/** The input for messages, replies and edits. */
export function Composer({ room, messages, files, task, onTask }: ComposerProps) {
  const { t } = useWords();
  const { me } = useSession();
  const field = useRef<HTMLTextAreaElement>(null);
  const about = room.getSnapshot().room;
  const { text, setText, editing, write, leaveTask, send } = useWriting(room, files, task, onTask);

  const hasOpened = useRef(false);
  // Before the next key event. An edit may be saved after the user has moved on to another field, which keeps the focus.
  useLayoutEffect(() => {
    if (editing) setText(editing.content);
    const isFree = hasOpened.current ? hasKeyboard() && isFocusFree(field.current!) : mayTakeFocus();
    hasOpened.current = true;
    if (task || isFree) field.current?.focus();
  }, [task]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape" && task) leaveTask();
    const message = event.key === "ArrowUp" && !text && !task && lastOf(messages, me);
    if (!message) return;
    event.preventDefault();
    onTask({ kind: "edit", message });
  }

  const views = useViews(files.list.length > 0);
  function choose(chosen: Iterable<File>): void {
    files.add(chosen);
    field.current?.focus();
  }

  function onPaste(event: ClipboardEvent): void {
    // Office programs copy a text and a picture of it.
    const { files: pasted, types } = event.clipboardData!;
    if (editing || pasted.length === 0 || types.includes("text/plain")) return;
    event.preventDefault();
    choose(pasted);
  }

  return (
    <div class="composer">
      {task && <TaskBar task={task} onCancel={leaveTask} />}
      {!editing && about !== null && about.slow_mode_seconds > 0 && <SlowMode room={about} messages={messages} />}
      {!editing && views && <views.Tray files={files} />}
      {text.includes("@") && <MentionCompletion room={room} field={field} text={text} onText={write} />}
      <WriteLine
        field={field}
        label={t(editing ? "message.editing" : "message.write")}
        text={text}
        limit={LIMITS.message}
        action={t(editing ? "save" : "message.send")}
        icon={editing ? "check" : "send"}
        start={!editing && <AttachButton onFiles={choose} />}
        hasMore={(editing?.attachments ?? files.list).length > 0}
        onPaste={onPaste}
        onInput={write}
        onSend={send}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

/** Whether no element outside the composer has the focus. */
function isFocusFree(field: HTMLElement): boolean {
  const { activeElement, body } = document;
  return activeElement === null || activeElement === body || field.closest(".composer")!.contains(activeElement);
}

function lastOf(messages: readonly RoomMessage[], me: string): SentMessage | undefined {
  return messages.findLast((message): message is SentMessage =>
    message.state === "sent" && message.sender_id === me && !message.deleted_at
  );
}

/** Shows the message that is being replied to or edited, above the input. */
function TaskBar({ task: { kind, message }, onCancel }: { task: Task; onCancel: () => void }) {
  const words = useWords();
  const { t } = words;
  const plainLine = usePlainLine();
  const name = useNames().person(message.sender_id, message.sender_username);
  return (
    <div class="task">
      <Icon name={kind} />
      <p>
        <strong>{kind === "edit" ? t("message.editing") : t("message.replying", { name })}</strong>
        <span>{plainLine(message.content) || fileWords(message.attachments, words)}</span>
      </p>
      <IconButton icon="close" label={t("cancel")} onClick={onCancel} />
    </div>
  );
}
