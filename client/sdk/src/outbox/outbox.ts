import type { Connection } from "../connection/connection.ts";
import { FileBodies } from "../files/file_bodies.ts";
import { describe, type NewFile, type QueuedFile } from "../files/new_file.ts";
import { cancelUpload } from "../files/upload.ts";
import type { Message } from "../data/messages.ts";
import { uuid } from "../util/ids.ts";
import type { Readable } from "../util/store.ts";
import { OutboxSender } from "./outbox_sender.ts";
import type { Unsent } from "./unsent.ts";
import { UnsentList } from "./unsent_list.ts";
import { Uploader } from "./uploader.ts";

/**
 * The queue of unsent messages. They are sent in order and exactly once, however often the network fails. With storage,
 * the queue survives a reload. The snapshot lists the messages in order.
 */
export class Outbox implements Readable<readonly Unsent[]> {
  readonly #list: UnsentList;
  readonly #sender: OutboxSender;
  readonly #uploader: Uploader;
  readonly #bodies: FileBodies;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#list = new UnsentList(connection);
    this.#bodies = new FileBodies(connection.fileStorage);
    this.#uploader = new Uploader(connection, this.#list, this.#bodies);
    this.#sender = new OutboxSender(connection, this.#list, this.#uploader);
    this.onSent(({ attachments = [] }) => this.#bodies.delete(attachments.map(({ id }) => id)));
    const retain = () => this.#bodies.retain(new Set(this.#files().map(({ id }) => id)));
    // A message that is retried leaves the queue for a moment.
    this.subscribe(() => queueMicrotask(retain));
    connection.onWake(() => void this.flush());
    connection.onEnd(() => {
      this.#list.clear();
      this.#sender.wake();
    });
    void this.flush();
  }

  readonly subscribe = (listener: () => void) => this.#list.store.subscribe(listener);
  readonly getSnapshot = () => this.#list.store.getSnapshot();

  /**
   * Adds a message to the end of the queue.
   * @param message the room and the text, files, and any other field of Unsent
   * @returns its client_id
   *
   * @example
   * ```ts
   * chat.outbox.add({ room_id: roomId, content: "As soon as I am online" });
   * ```
   */
  add({ files = [], ...message }: Addition): string {
    const described = files.map((file) => describe(file, message.room_id));
    described.forEach(({ id }, index) => this.#bodies.keep(id, files[index]!.body));
    const entry: Unsent = {
      metadata: {},
      reply_to_id: null,
      forwarded_from_id: null,
      created_at: new Date().toISOString(),
      ...message,
      ...(described.length > 0 && { files: described }),
      client_id: message.client_id ?? uuid(),
    };
    this.#append(entry);
    return entry.client_id;
  }

  #append(entry: Unsent): void {
    this.#list.change((list) => [...list, entry]);
    void this.flush();
  }

  #files(): QueuedFile[] {
    return this.getSnapshot().flatMap(({ files = [] }) => files);
  }

  /**
   * Retries a refused message, at the end of the queue.
   * @param clientId the client_id of the message
   *
   * @example
   * ```ts
   * for (const { client_id, error } of chat.outbox.getSnapshot()) if (error) chat.outbox.retry(client_id);
   * ```
   */
  retry(clientId: string): void {
    const entry = this.#find(clientId);
    if (!entry) return;
    this.#list.remove({ clientId });
    const { error: _, repeated: _again, ...again } = entry;
    this.#append(again);
  }

  #find(clientId: string): Unsent | undefined {
    return this.getSnapshot().find((each) => each.client_id === clientId);
  }

  /**
   * Removes an unsent message, and stops the upload of its files. If it is being sent at this moment, it may still arrive.
   * @param clientId the client_id of the message
   *
   * @example
   * ```ts
   * chat.outbox.discard(clientId);
   * ```
   */
  discard(clientId: string): void {
    const files = this.#find(clientId)?.files ?? [];
    this.#list.remove({ clientId });
    this.#deleteFiles(files);
  }

  /**
   * Removes a file from an unsent message, and stops its upload. The message is removed with its last file if it has no text.
   * @param clientId the client_id of the message
   * @param fileId the id of the file
   *
   * @example
   * ```ts
   * chat.outbox.discardFile(clientId, fileId);
   * ```
   */
  discardFile(clientId: string, fileId: string): void {
    const entry = this.#find(clientId);
    const file = entry?.files?.find(({ id }) => id === fileId);
    if (!entry || !file) return;
    if (entry.files!.length === 1 && !entry.content) return this.discard(clientId);
    this.#list.removeFile(clientId, fileId);
    this.#deleteFiles([file]);
    void this.flush(); // it may have waited for this file only
  }

  #deleteFiles(files: readonly QueuedFile[]): void {
    this.#bodies.delete(files.map(({ id }) => id));
    for (const file of files) if (!this.#uploader.isSending(file.id)) void cancelUpload(this.#connection, file);
  }

  /**
   * Returns what is in a file of an unsent message, to show it.
   * @param fileId the id of the file
   * @returns undefined if it was sent, discarded, or lost with its page
   *
   * @example
   * ```ts
   * const body = await chat.outbox.file(fileId);
   * if (body) console.log(URL.createObjectURL(body));
   * ```
   */
  file(fileId: string): Promise<Blob | undefined> {
    return this.#bodies.find(fileId);
  }

  /**
   * Calls the receiver with each message that was sent, before it leaves the queue.
   * @param receiver receives the stored message
   * @returns a function that unsubscribes
   *
   * @example
   * ```ts
   * const stop = chat.outbox.onSent(({ room_id, seq }) => console.log(room_id, seq));
   * ```
   */
  onSent(receiver: (message: Message) => void): () => void {
    return this.#list.sent.add(receiver);
  }

  /**
   * Sends the queue now. This happens automatically.
   * @returns a promise that resolves when the queue is empty, or when no one is signed in
   *
   * @example
   * ```ts
   * await chat.outbox.flush();
   * ```
   */
  flush(): Promise<void> {
    return this.#sender.flush();
  }
}

/** A message for the queue. */
export type Addition = Pick<Unsent, "room_id" | "content"> & Partial<Omit<Unsent, "files">> & {
  files?: readonly NewFile[];
};
