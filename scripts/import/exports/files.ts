import type { Progress } from "../progress.ts";
import { importedId } from "../ids.ts";
import type { Project } from "../project.ts";
import { Refusal } from "../refusal.ts";
import type { Report } from "../writer/report.ts";
import type { Target } from "../writer/target.ts";
import { clean } from "../writer/texts.ts";
import { FileStore } from "./file_store.ts";
import { numberOf } from "./hashes.ts";
import { type ExportFile, type Input, isOutside } from "./input.ts";
import { mediaType } from "./media_types.ts";
import { HEAD_BYTES, pictureSize } from "./picture_size.ts";
import type { NamedFile } from "./records.ts";
import type { Naming, Spool } from "./spool.ts";

/** As chat_private.file_bytes(), chat_private.attached() and the columns have them. */
const MAX_BYTES = 26_214_400;
const MAX_FILES = 10;
const MAX_NAME = 255;
const MAX_SIDE = 100_000;
const UPLOADS_AT_ONCE = 4;
const OUTSIDE = "a file whose path leads out of the export";

/** A row of chat.attachments; of one that is here from an earlier import, only its id. */
export interface Attachment {
  id: string;
  is_new: boolean;
  path?: string;
  name?: string;
  mime_type?: string;
  bytes?: number;
  width?: number;
  height?: number;
  duration_ms?: number;
}

/** What brings the files of messages. */
interface FileImport {
  input: Input;
  spool: Spool;
  target: Target;
  report: Report;
  progress: Progress;
  /** Whose Storage they go to, if that is known. */
  project: Project | undefined;
  isWanted: boolean;
  /** Whether the operator has named a folder of files. */
  hasFolder: boolean;
  dryRun: boolean;
}

/** A file that is not here yet. */
interface Coming {
  naming: Naming;
  place: number;
  named: NamedFile;
  id: string;
  file: ExportFile;
}

/** Brings the files of messages into Storage, before the messages are written. */
export class MessageFiles {
  readonly #store: FileStore | undefined;
  #importId: Promise<number> | undefined;
  /** Whether the export has files at all: if not, it is not a loss that one is not there. */
  #hasAny = false;
  #done = 0;
  /** How many stay where they are, without being lost. */
  left = 0;

  constructor(private readonly run: FileImport) {
    const { project, target, dryRun } = run;
    this.#store = project && !dryRun ? new FileStore(target.sql, project) : undefined;
  }

  /**
   * Looks whether there are files.
   * @throws Refusal when there are, and it is not known where they go.
   */
  async look(): Promise<void> {
    const { input, spool, isWanted, dryRun, hasFolder } = this.run;
    for (const path of spool.paths()) {
      this.#hasAny = !isOutside(path) && await input.find(path) !== undefined;
      if (this.#hasAny) break;
    }
    if (this.#hasAny && isWanted && !dryRun && !this.#store) {
      throw new Refusal(
        "The export has files, which go into Storage: say --api-url and set SECRET_KEY, too, or leave them with --no-files.",
      );
    }
    this.#hasAny ||= hasFolder;
  }

  /**
   * Decides of each file of some rooms what becomes of it, and uploads those that come.
   * @throws Error when Storage fails, or the import stood still for so long that files may be gone again.
   */
  async prepare(first: number, last: number): Promise<void> {
    this.#store?.begin();
    for (const batch of this.run.spool.messagesWithFiles(first, last)) {
      const coming = await this.#decide(batch);
      const next = coming.values();
      await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, async () => {
        for (const one of next) await this.#bring(one);
      }));
    }
    await this.#store?.keep();
  }

  async #decide(batch: Naming[]): Promise<Coming[]> {
    const { target, spool } = this.run;
    const ids = new Map(await Promise.all(batch.map(async (naming) => [naming, await this.#idsOf(naming)] as const)));
    const known = await target.knownFiles(batch.map(numberOfMessage), [...ids.values()].flat());
    const coming: Coming[] = [];
    for (const naming of batch) {
      const state = known.messages.get(numberOfMessage(naming));
      let count = 0;
      for (const [place, named] of (naming.message.files ?? []).entries()) {
        const id = ids.get(naming)![place]!;
        if (!named.path) continue;
        // What was deleted here stays deleted.
        if (known.files.has(id) || state === "gone") {
          count++;
          spool.attach(naming, place, { id, is_new: false });
          this.#show();
          continue;
        }
        const file = await this.#find(named.path);
        if (typeof file === "string") this.#leave(naming, named, file);
        else if (++count > MAX_FILES) this.#leave(naming, named, `a file of a message with more than ${MAX_FILES}`);
        else if (state === "here") this.#leave(naming, named, "a file of a message that has come without it");
        else coming.push({ naming, place, named, id, file });
      }
    }
    return coming;
  }

  /** A file, or why it does not come. */
  async #find(path: string): Promise<ExportFile | string> {
    if (isOutside(path)) return OUTSIDE;
    const file = await this.run.input.find(path);
    if (!file) return "a file that is not in the export";
    if (file.size === 0) return "an empty file";
    return file.size > MAX_BYTES ? "a file of more than 25 MB" : file;
  }

  async #bring({ naming, place, named, id, file }: Coming): Promise<void> {
    const { spool, isWanted } = this.run;
    if (!isWanted) return this.#leave(naming, named, "a file, which --no-files leaves: the message names it");
    const name = [...clean(named.name)!.replace(/[\p{Cc}\u2028\u2029/\\]/gu, "_")].slice(-MAX_NAME).join("");
    const mime_type = mediaType(named.mime_type, name);
    const bytes = file.size;
    const path = `imported/${id}`;
    const stored = await this.#store?.store({ path, mime_type, bytes, file }) ?? { path };
    if ("reason" in stored) return this.#leave(naming, named, stored.reason);
    const size = mime_type.startsWith("image/") || mime_type.startsWith("video/")
      ? await sizeOf(named, file)
      : undefined;
    const { duration_ms } = named;
    spool.attach(naming, place, {
      ...{ id, is_new: true, path: stored.path, name, mime_type, bytes, ...size },
      ...(duration_ms != null && duration_ms >= 0 && duration_ms < 2 ** 31 && { duration_ms: Math.round(duration_ms) }),
    });
    this.#show();
  }

  /** The message names the file, as it does where there is none. */
  #leave({ room, message }: Naming, { name, path }: NamedFile, reason: string): void {
    const { report, isWanted } = this.run;
    const isLost = isWanted && (this.#hasAny || reason === OUTSIDE);
    if (!isLost) this.left++;
    const detail = name === path ? name : `${name}: ${path}`;
    report.add({ kind: "file", source_id: `${room}/${message.id}`, reason, is_lost: isLost, detail });
    this.#show();
  }

  #show(): void {
    const { progress, spool } = this.run;
    progress.show("Files", ++this.#done / (spool.counts.file || 1));
  }

  /** The ids are the same in each import of that name, so that nothing comes twice. */
  async #idsOf({ room, message: { id, files } }: Naming): Promise<string[]> {
    this.#importId ??= this.run.target.importId();
    const importId = await this.#importId;
    const seen = new Map<string, number>();
    return (files ?? []).map(({ name }) => {
      const count = (seen.get(name) ?? 0) + 1;
      seen.set(name, count);
      return importedId(["parley:file", importId, room, id, name, count].join("\0"));
    });
  }
}

const numberOfMessage = ({ room, message }: Naming) => numberOf("message", room, String(message.id));

/** The size that the picture says; else the one in the export, which may be from before the picture was turned. */
async function sizeOf({ width, height }: NamedFile, file: ExportFile) {
  const size = await headOf(file).then(pictureSize, () => undefined) ??
    (width && height ? { width, height } : undefined);
  const isSide = (side: number) => Number.isInteger(side) && side >= 1 && side <= MAX_SIDE;
  return size && isSide(size.width) && isSide(size.height) ? size : undefined;
}

async function headOf(file: ExportFile): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of await file.open() as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    if ((length += chunk.length) >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks);
}
