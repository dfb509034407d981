import type { Attachment } from "../contract/message.ts";
import { uuid } from "../util/ids.ts";

/** A file to send. */
export interface NewFile {
  /** What is in it: a `File` of an input, or any other Blob. */
  body: Blob;
  /** Default: the name of a `File`. */
  name?: string;
  /** The MIME type. Default: that of the body. */
  type?: string;
  /** The size of a picture or a video, in pixels, so that lists can leave space for it. */
  width?: number;
  height?: number;
  /** How long a video or a sound is. */
  durationMs?: number;
}

/** A file of a message that waits in the outbox. */
export interface QueuedFile extends Attachment {
  /** How much of it has arrived, 0 to 1. */
  progress: number;
  /** Whether it has arrived. */
  uploaded?: boolean;
}

/** A MIME type, without its parameters. */
const TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,127}(?=$|;)/;
const MAX_NAME = 255;

/** Keeps the end of a long name, which says what it is. */
const nameOf = (name: string) => [...name.replaceAll(/[/\\]/g, "_")].slice(-MAX_NAME).join("");

/** Describes a file in the form that a message has it. Its id stays the same however often it is sent. */
export function describe({ body, name, type, width, height, durationMs }: NewFile, roomId: number): QueuedFile {
  const id = uuid();
  return {
    id,
    path: `${roomId}/${id}`,
    name: nameOf(name || (body as Partial<File>).name || "file"),
    mime_type: TYPE.exec(type || body.type)?.[0].toLowerCase() ?? "application/octet-stream",
    bytes: body.size,
    width: width ?? null,
    height: height ?? null,
    duration_ms: durationMs === undefined ? null : Math.round(durationMs),
    progress: 0,
  };
}
