import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exported } from "./exported.ts";

const FOLDER = "tests/fixtures/exports";
const whatsapp = await exported("test-whatsapp");

describe("an export of WhatsApp", () => {
  test("of a group on iOS keeps lines, system messages, files, edits and deletions", async () => {
    const folder = join(whatsapp.folder, "WhatsApp Chat - Garden");
    await mkdir(folder);
    await copyFile(`${FOLDER}/whatsapp_ios.txt`, join(folder, "_chat.txt"));
    const named = ["--zone", "Europe/Berlin", "--name", "test-whatsapp-ios"];
    const { code, output } = await whatsapp.run("whatsapp", folder, ...named);
    expect(output).toContain("messages: 9 of 9, 9 of them new");
    expect(code).toBe(0);
    expect(await whatsapp.shown("test-whatsapp-ios")).toEqual([{
      name: "Garden",
      kind: "group",
      is_public: false,
      description: "",
      owner: null,
      members: ["Garden/+49 151 0000002", "Garden/Ann Smith owner", "Garden/Carol"],
      messages: [
        {
          seq: 1,
          at: "2023-12-31T22:59:58",
          text:
            "Messages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them.",
          imported: { system: "whatsapp" },
        },
        { seq: 2, sender: "Garden/Ann Smith", at: "2023-12-31T22:59:59", text: "Happy new year\n\nto all of you!" },
        { seq: 3, sender: "Garden/+49 151 0000002", at: "2023-12-31T23:00:10", text: "Thanks: to you, too" },
        {
          seq: 4,
          sender: "Garden/Ann Smith",
          at: "2023-12-31T23:01:00",
          text: "[file: 00000004-PHOTO-2024-01-01-00-01-00.jpg]",
          imported: { files: [{ name: "00000004-PHOTO-2024-01-01-00-01-00.jpg" }] },
        },
        { seq: 5, sender: "Garden/Carol", at: "2023-12-31T23:02:00", text: "image omitted" },
        {
          seq: 6,
          sender: "Garden/Ann Smith",
          at: "2023-12-31T23:03:00",
          text: "typo fixed",
          edited: "2023-12-31T23:03:00",
        },
        { seq: 7, sender: "Garden/Ann Smith", at: "2023-12-31T23:04:00", text: "", deleted: "2023-12-31T23:04:00" },
        { seq: 8, sender: "Garden/Ann Smith", at: "2023-12-31T23:05:00", text: "ok" },
        { seq: 9, sender: "Garden/Ann Smith", at: "2023-12-31T23:05:00", text: "ok" },
      ],
    }]);
    const again = await whatsapp.run("whatsapp", folder, ...named);
    expect(again.output).toContain("messages: 9 of 9, 0 of them new");
  });

  test("of two people on Android is a direct chat, with the clock of twelve hours", async () => {
    const file = join(whatsapp.folder, "WhatsApp Chat with Bob.txt");
    await copyFile(`${FOLDER}/whatsapp_android.txt`, file);
    const named = ["--zone", "America/New_York", "--name", "test-whatsapp-android"];
    const { code } = await whatsapp.run("whatsapp", file, ...named);
    expect(code).toBe(0);
    expect(await whatsapp.shown("test-whatsapp-android")).toEqual([{
      name: "",
      kind: "direct",
      is_public: false,
      description: "",
      owner: null,
      members: ["Bob/Ann Smith", "Bob/Bob"],
      messages: [
        {
          seq: 1,
          at: "2024-01-01T04:59:00",
          text:
            "Messages and calls are end-to-end encrypted. No one outside of this chat, not even WhatsApp, can read or listen to them. Tap to learn more.",
          imported: { system: "whatsapp" },
        },
        { seq: 2, sender: "Bob/Ann Smith", at: "2024-01-01T04:59:00", text: "Only for you" },
        { seq: 3, sender: "Bob/Bob", at: "2024-01-01T05:00:00", text: "<Media omitted>" },
        {
          seq: 4,
          sender: "Bob/Bob",
          at: "2024-01-01T05:01:00",
          text: "with a caption\n[file: IMG-20240101-WA0001.jpg]",
          imported: { files: [{ name: "IMG-20240101-WA0001.jpg" }] },
        },
        { seq: 5, sender: "Bob/Ann Smith", at: "2024-01-01T18:05:00", text: "see you: soon" },
      ],
    }]);
  });

  test("is refused while the time zone, the order of dates or the name is not known", async () => {
    const file = await whatsapp.write("_chat.txt", "[01.02.24, 10:00:00] Ann: hello\n[03.04.24, 10:00:00] Bob: hi\n");
    const errorsOf = async (...options: string[]) => (await whatsapp.run("whatsapp", file, ...options)).errors;
    expect(await errorsOf()).toContain("say that of the phone, such as --zone Europe/Berlin");
    expect(await errorsOf("--zone", "Mars/Olympus")).toContain("There is no time zone Mars/Olympus");
    expect(await errorsOf("--zone", "UTC")).toContain("say --room and its name");
    expect(await errorsOf("--zone", "UTC", "--room", "Garden")).toContain(
      "say --dates dmy, --dates mdy or --dates ymd",
    );
    const known = ["--zone", "+02:00", "--room", "Garden", "--dates", "mdy", "--name", "test-whatsapp-dates"];
    expect((await whatsapp.run("whatsapp", file, ...known)).code).toBe(0);
    const [room] = await whatsapp.rooms("test-whatsapp-dates");
    expect(room!.messages.map(({ at }) => at)).toEqual(["2024-01-02T08:00:00", "2024-03-04T08:00:00"]);
  });
});
