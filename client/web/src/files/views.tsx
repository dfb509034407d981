import type { Attachment, LiveRoom, QueuedFile, RoomMessage } from "parley-client";
import { useRef } from "preact/hooks";
import { useSession } from "../core/session.ts";
import { Icon, IconButton } from "../ui/icon.tsx";
import { attempt } from "../ui/notices.tsx";
import { useWords } from "../words/use_words.ts";
import "../words/late.ts";
import type { Words } from "../words/words.ts";
import { download } from "./download.ts";
import { sizeWords } from "./file_words.ts";
import { kindOf } from "./kinds.ts";
import { openPhoto } from "./open_photo.ts";
import { Player } from "./player.tsx";
import { isQueued, useFileUrl } from "./use_file_url.ts";
import { useNear } from "./use_near.ts";

export { Tray } from "./tray.tsx";

interface FileProps {
  message: RoomMessage;
  room: LiveRoom;
  file: Attachment | QueuedFile;
}

/** A picture or a video of an album. */
export function Tile({ message, room, file }: FileProps) {
  const words = useWords();
  const { t } = words;
  const place = useRef<HTMLSpanElement>(null);
  const { url, isBroken, loaded, failed } = useFileUrl(room, file, useNear(place));
  return (
    <span ref={place} class="tile-inside">
      {isBroken
        ? (
          <span class="tile-broken">
            <Icon name="warning" />
            <span>{t("file.broken")}</span>
          </span>
        )
        : kindOf(file) === "video"
        ? url && <Player kind="video" name={t("file.video")} url={url} onLoaded={loaded} onFailed={failed} />
        : (
          <button
            type="button"
            tabIndex={-1}
            class="tile-open"
            aria-label={t("file.open")}
            onClick={() => attempt(() => openPhoto(room, file.id, words))}
          >
            {url && <img src={url} alt={t("file.photo")} draggable={false} onLoad={loaded} onError={failed} />}
          </button>
        )}
      {isQueued(file) && <Progress message={message} file={file} />}
    </span>
  );
}

/** A file by its name: a sound to play, any other to save. */
export function Card({ message, room, file }: FileProps) {
  const words = useWords();
  if (isQueued(file)) {
    return (
      <>
        <Progress message={message} file={file} />
        <About name={file.name} size={file.progress > 0 ? partWords(file, words) : sizeWords(file.bytes, words)} />
      </>
    );
  }
  if (kindOf(file) === "sound") return <Sound room={room} file={file} />;
  return (
    <>
      <IconButton
        icon="download"
        class="primary"
        tabIndex={-1}
        label={words.t("file.download", { name: file.name })}
        onClick={() => attempt(() => download(room, file))}
      />
      <About name={file.name} size={sizeWords(file.bytes, words)} />
    </>
  );
}

function About({ name, size }: { name: string; size: string }) {
  return (
    <span class="file-about">
      <FileName name={name} />
      <span class="file-size">{size}</span>
    </span>
  );
}

/** How much of the end of a long name always shows: its type. */
const NAME_END = 9;

/** Marks that would show `exe.jpg` at the end of a program's name. */
const TURNING = /[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/g;

function FileName({ name }: { name: string }) {
  const letters = [...name.replace(TURNING, "")];
  return (
    <span class="file-name" dir="auto" title={letters.join("")}>
      <span>{letters.slice(0, -NAME_END).join("")}</span>
      <span>{letters.slice(-NAME_END).join("")}</span>
    </span>
  );
}

const partWords = ({ bytes, progress }: QueuedFile, words: Words) =>
  `${sizeWords(bytes * progress, words)} / ${sizeWords(bytes, words)}`;

function Sound({ room, file }: { room: LiveRoom; file: Attachment }) {
  const place = useRef<HTMLSpanElement>(null);
  const { url, loaded, failed } = useFileUrl(room, file, useNear(place));
  return (
    <span ref={place} class="sound">
      <FileName name={file.name} />
      {url && <Player kind="audio" name={file.name} url={url} onLoaded={loaded} onFailed={failed} />}
    </span>
  );
}

/** How much of a file has been sent; a press cancels it. */
function Progress({ message, file }: { message: RoomMessage; file: QueuedFile }) {
  const { t } = useWords();
  const { chat } = useSession();
  if (message.state !== "sending") return null;
  const percent = Math.round(file.progress * 100);
  const label = t("file.cancel", { name: file.name });
  return (
    <button
      type="button"
      class="progress"
      aria-label={label}
      title={label}
      onClick={() => chat.outbox.discardFile(message.client_id, file.id)}
    >
      <svg viewBox="0 0 40 40" role="progressbar" aria-label={file.name} aria-valuenow={percent}>
        <circle cx="20" cy="20" r="17" pathLength="100" stroke-dasharray={`${Math.max(4, percent)} 100`} />
        <path d="M14 14l12 12M26 14L14 26" />
      </svg>
    </button>
  );
}
