import type { LiveRoom, RoomMessage, SentMessage } from "parley-client";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useSession } from "../session.ts";
import { attempt } from "../ui/notices.tsx";
import { WriteLine } from "../ui/write_line.tsx";
import { hasKeyboard } from "../ui/device.ts";
import { useWords } from "../words/use_words.ts";
import type { Task } from "./actions.ts";
import { TaskBar } from "./task_bar.tsx";

interface ComposerProps {
  room: LiveRoom;
  messages: readonly RoomMessage[];
  task: Task | undefined;
  onTask: (task: Task | undefined) => void;
}

/** What each who signed in has written in each room and not sent yet, as long as the page is open. */
const drafts = new Map<string, string>();

/** Where a message is written, a reply, or another text of an earlier one. */
export function Composer({ room, messages, task, onTask }: ComposerProps) {
  const { t } = useWords();
  const { me } = useSession();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = `${me}:${room.id}`;
  const [text, setText] = useState(drafts.get(draft) ?? "");
  const editing = task?.kind === "edit" ? task.message : undefined;

  // Before the next key can come.
  useLayoutEffect(() => {
    if (editing) setText(editing.content);
    if (task || hasKeyboard()) field.current?.focus();
  }, [task]);

  function onInput(text: string): void {
    setText(text);
    if (editing) return;
    drafts.set(draft, text);
    if (text) room.typing();
    else room.stopTyping();
  }

  function leaveTask(): void {
    onTask(undefined);
    if (editing) setText(drafts.get(draft) ?? "");
  }

  async function onSend(): Promise<void> {
    const content = text.trim();
    if (!content) return;
    if (editing) {
      if (content === editing.content || await attempt(() => room.edit(editing.id, content))) leaveTask();
      return;
    }
    room.send(content, task && { replyTo: task.message.id });
    drafts.delete(draft);
    setText("");
    onTask(undefined);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === "Escape" && task) leaveTask();
    else if (event.key === "ArrowUp" && !text && !task) {
      const message = lastOf(messages, me);
      if (!message) return;
      event.preventDefault();
      onTask({ kind: "edit", message });
    }
  }

  return (
    <div class="composer">
      {task && <TaskBar task={task} onCancel={leaveTask} />}
      <WriteLine
        field={field}
        label={t(editing ? "message.editing" : "message.write")}
        text={text}
        action={t(editing ? "save" : "message.send")}
        icon={editing ? "check" : "send"}
        onInput={onInput}
        onSend={onSend}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function lastOf(messages: readonly RoomMessage[], me: string): SentMessage | undefined {
  return messages.findLast((message): message is SentMessage =>
    message.state === "sent" && message.sender_id === me && !message.deleted_at
  );
}
