import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { newUser } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { choose, newDirectRoom, newGroup, roomPath, send, visit, writeLine } from "./page.ts";
import { drawPicture, film, silence, withPosition } from "./pictures.ts";

interface Sent {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const attach = (page: Page, ...files: Sent[]) => page.locator(".composer input[type=file]").setInputFiles(files);
const textFile = (name: string, text: string): Sent => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
const sendButton = (page: Page) => page.getByRole("button", { name: "Send", exact: true });
const loaded = (page: Page) =>
  page.locator(".album img").evaluateAll((images: HTMLImageElement[]) =>
    images.map(({ complete, naturalWidth, naturalHeight }) => complete && [naturalWidth, naturalHeight])
  );

/** Holds back the uploads of a page until the returned function is called. */
async function holdUploads(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => release = resolve);
  await page.route("**/object/upload/sign/**", async (route) => {
    if (route.request().method() === "PUT") await released;
    await route.continue().catch(() => {}); // the upload may have been cancelled
  });
  return release;
}

inBrowser("files", () => {
  test("two people exchange a picture and a file", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const [one, other] = await Promise.all([ann, bob].map((person) => visit(person, { path: roomPath(room) })));
    const picture = withPosition(await drawPicture(one!.page, 4_000, 2_000, "image/jpeg"));
    expect(picture.includes("Exif")).toBe(true);
    await attach(one!.page, { name: "IMG_1.JPG", mimeType: "image/jpeg", buffer: picture });
    await one!.page.getByRole("list", { name: "Files to send" }).getByRole("img", { name: "IMG_1.JPG" }).waitFor();
    await expectAccessible(one!.page);
    await writeLine(one!.page).fill("Our garden");
    await writeLine(one!.page).press("Enter");
    await one!.page.locator('.message[data-state="sent"]').waitFor();
    expect(await one!.page.locator(".tray").count()).toBe(0);
    // Smaller, and without the position.
    await expect.poll(() => loaded(other!.page)).toEqual([[2_560, 1_280]]);
    await other!.page.getByText("Our garden").first().waitFor();
    const src = await other!.page.locator(".album img").getAttribute("src");
    const stored = Buffer.from(await (await fetch(src!)).arrayBuffer());
    expect([stored.subarray(0, 2).toString("hex"), stored.includes("Exif")]).toEqual(["ffd8", false]);

    await attach(other!.page, textFile("notes, final.txt", "What we said"));
    await sendButton(other!.page).click();
    await one!.page.getByText("notes, final.txt").first().waitFor();
    const [download] = await Promise.all([
      one!.page.waitForEvent("download"),
      one!.page.getByRole("button", { name: "Download notes, final.txt" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("notes, final.txt");
    expect(await readFile(await download.path(), "utf8")).toBe("What we said");
    // The inbox names what has no text.
    await one!.page.getByRole("link", { name: bob.username }).getByText("notes, final.txt").waitFor();
    await expectAccessible(one!.page);
    for (const { complaints, context } of [one!, other!]) {
      expect(complaints).toEqual([]);
      await context.close();
    }
  });

  test("nothing moves while pictures load; they open large, by keys", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const writer = await visit(ann, { path: roomPath(room) });
    const sizes = [[900, 600], [600, 900], [800, 800]] as const;
    const pictures = await Promise.all(sizes.map(([width, height]) => drawPicture(writer.page, width, height)));
    await attach(
      writer.page,
      ...pictures.map((buffer, index) => ({ name: `${index}.png`, mimeType: "image/png", buffer })),
    );
    await sendButton(writer.page).click();
    await writer.page.locator('.message[data-state="sent"]').waitFor();
    await send(ann, room, "Below");

    const { page, context, complaints } = await visit(bob);
    let release = () => {};
    const released = new Promise<void>((resolve) => release = resolve);
    await page.route(/\/object\/sign\/chat-files\/|assets\/views/, async (route) => {
      await released;
      await route.continue();
    });
    await page.goto(`${page.url().split("#")[0]}${roomPath(room)}`);
    await page.getByText("Below").last().waitFor();
    const place = () => page.locator(".message").first().boundingBox();
    const before = await place();
    expect(before!.height).toBeGreaterThan(300);
    release();
    await expect.poll(() => loaded(page)).toEqual(sizes.map((size) => [...size]));
    expect(await place()).toEqual(before);

    await page.getByRole("button", { name: "Open the photo" }).nth(1).click();
    const box = page.locator(".pswp");
    const counter = box.locator(".pswp__counter");
    /** Presses a key, again while the lightbox is still opening. */
    const press = async (key: string, isDone: () => Promise<boolean>) => {
      await expect.poll(async () => {
        await page.keyboard.press(key);
        return await isDone();
      }).toBe(true);
    };
    const close = () => press("Escape", async () => await box.count() === 0);
    await expect.poll(() => counter.innerText()).toBe("2 / 3");
    await press("ArrowRight", async () => await counter.innerText() === "3 / 3");
    await expect.poll(() =>
      box.locator("img.pswp__img").last().evaluate((image: HTMLImageElement) => image.naturalWidth)
    )
      .toBe(800);
    await close();
    // By the menu of the message alone.
    await page.locator('.message[data-seq="1"]').focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Open the photo" }).press("Enter");
    await box.waitFor();
    await close();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
    await Promise.all([context.close(), writer.context.close()]);
  });

  test("an upload shows its progress, and can be cancelled; a file can be taken out before it is sent", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context, complaints } = await visit(ann, { path: roomPath(room) });
    const release = await holdUploads(page);
    await attach(page, textFile("one.txt", "1"), textFile("two.txt", "2"), textFile("three.txt", "3"));
    await page.getByRole("button", { name: "Remove two.txt" }).click();
    await sendButton(page).click();
    await page.getByRole("progressbar", { name: "one.txt" }).waitFor();
    await expectAccessible(page);
    await page.getByRole("button", { name: "Cancel one.txt" }).click();
    release();
    await page.getByRole("button", { name: "Download three.txt" }).waitFor();
    expect(await page.locator(".file-name").allInnerTexts()).toEqual(["three.txt"]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a file that is sent offline waits, survives a reload, and arrives once", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await page.getByText("This is where").waitFor();
    await context.route("**/rest/v1/rpc/begin_upload*", (route) => route.abort());
    const buffer = await drawPicture(page, 300, 200);
    await attach(page, { name: "me.png", mimeType: "image/png", buffer }, textFile("a.txt", "kept"));
    await sendButton(page).click();
    await page.locator('.message[data-state="sending"]').waitFor();
    await expect.poll(() => loaded(page)).toEqual([[300, 200]]);
    await page.reload();
    await page.locator('.message[data-state="sending"]').waitFor();
    await expect.poll(() => loaded(page)).toEqual([[300, 200]]);
    await context.unroute("**/rest/v1/rpc/begin_upload*");
    await page.reload();
    await page.locator('.message[data-state="sent"]').waitFor();
    const { data } = await bob.supabase.from("messages").select("attachments").eq("room_id", room).throwOnError();
    expect(data).toMatchObject([{ attachments: [{ name: "me.webp" }, { name: "a.txt" }] }]);
    await context.close();
  });

  test("pictures are pasted and dropped; a picture sent as a file stays as it is", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(ann, "Garden", bob);
    const { page, context, complaints } = await visit(ann, { path: roomPath(room) });
    await page.getByText("This is where").waitFor();
    const picture = withPosition(await drawPicture(page, 60, 40, "image/jpeg"));
    /** Fires an event that carries the picture as a file. */
    const fire = (type: "paste" | "drop" | "dragover", selector: string) =>
      page.locator(selector).evaluate((element, { type, base64 }) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], `${type}.jpg`, { type: "image/jpeg" }));
        const options = { bubbles: true, cancelable: true };
        element.dispatchEvent(
          type === "paste"
            ? new ClipboardEvent(type, { ...options, clipboardData: data })
            : new DragEvent(type, { ...options, dataTransfer: data }),
        );
      }, { type, base64: picture.toString("base64") });
    await fire("paste", ".composer textarea");
    await fire("dragover", ".scroller");
    await page.getByText("Drop files to send them to Garden").waitFor();
    await fire("drop", ".scroller");
    const tray = page.getByRole("list", { name: "Files to send" });
    await expect.poll(() => tray.getByRole("img").count()).toBe(2);
    expect(await page.getByText("Drop files").count()).toBe(0);
    await page.getByLabel("Send pictures as files, unchanged").check();
    await sendButton(page).click();
    await page.getByRole("button", { name: "Download paste.jpg" }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download drop.jpg" }).click(),
    ]);
    expect(picture.equals(await readFile(await download.path()))).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("what a browser would run is only saved; a sound is played", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context, complaints } = await visit(ann, { path: roomPath(room) });
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>';
    await attach(
      page,
      { name: "evil.svg", mimeType: "image/svg+xml", buffer: Buffer.from(svg) },
      { name: "evil.html", mimeType: "text/html", buffer: Buffer.from("<script>alert(1)</script>") },
      { name: "la.wav", mimeType: "audio/wav", buffer: silence() },
    );
    await sendButton(page).click();
    for (const name of ["evil.svg", "evil.html"]) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: `Download ${name}` }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
    }
    expect(await page.locator(".album").count()).toBe(0);
    const player = page.locator("audio");
    await player.evaluate((audio: HTMLAudioElement) => audio.play());
    await expect.poll(() => player.evaluate((audio: HTMLAudioElement) => audio.duration)).toBe(1);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("a video has its size before it loads, and is played", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context, complaints } = await visit(ann, { path: roomPath(room) });
    await attach(page, { name: "film.webm", mimeType: "video/webm", buffer: await film(page) });
    await sendButton(page).click();
    await page.locator('.message[data-state="sent"]').waitFor();
    await page.getByRole("link", { name: bob.username }).getByText("You: Video").waitFor();
    const theirs = await visit(bob, { path: roomPath(room) });
    const player = theirs.page.locator(".album video");
    const { width, height } = (await theirs.page.locator(".album").boundingBox())!;
    expect(width / height).toBeCloseTo(320 / 180, 1);
    await player.evaluate((video: HTMLVideoElement) => video.play());
    await expect.poll(() => player.evaluate((video: HTMLVideoElement) => video.currentTime)).toBeGreaterThan(0);
    // Its URL ends after a minute: the next one goes on at the same place.
    const before = await player.evaluate((video: HTMLVideoElement) => {
      video.pause();
      video.dispatchEvent(new Event("error"));
      return video.currentTime;
    });
    await expect.poll(() => player.evaluate((video: HTMLVideoElement) => video.readyState)).toBeGreaterThan(1);
    expect(await player.evaluate((video: HTMLVideoElement) => video.currentTime)).toBe(before);
    await expectAccessible(theirs.page);
    expect([...complaints, ...theirs.complaints]).toEqual([]);
    await Promise.all([context.close(), theirs.context.close()]);
  });

  test("the progress of an upload grows while it goes out", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await page.getByText("This is where").waitFor();
    const network = await context.newCDPSession(page);
    await network.send("Network.enable");
    const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 };
    await network.send("Network.emulateNetworkConditions", conditions);
    await attach(page, { name: "data.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(1_500_000, 7) });
    await sendButton(page).click();
    const seen = new Set<number>();
    await expect.poll(async () => {
      const shown = await page.getByRole("progressbar").evaluateAll((bars) => bars.map((bar) => bar.ariaValueNow));
      if (shown[0]) seen.add(Number(shown[0]));
      return await page.getByRole("button", { name: "Download data.bin" }).count();
    }, { interval: 50 }).toBe(1);
    expect(seen.size).toBeGreaterThan(3);
    expect([...seen]).toEqual([...seen].sort((one, other) => one - other));
    await context.close();
  });

  test("a file that is too large is refused by name; a removed member sees nothing any more", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newGroup(ann, "Garden", bob);
    const { page, context } = await visit(ann, { path: roomPath(room) });
    await page.locator(".composer input[type=file]").evaluate((input: HTMLInputElement) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(26 * 1024 * 1024)], "film.mkv"));
      input.files = data.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    await page.getByText("“film.mkv” is larger than 25 MB.").waitFor();
    await attach(page, { name: "me.png", mimeType: "image/png", buffer: await drawPicture(page, 300, 200) });
    await sendButton(page).click();
    await page.locator('.message[data-state="sent"]').waitFor();
    const theirs = await visit(bob, { path: roomPath(room) });
    await expect.poll(() => loaded(theirs.page)).toEqual([[300, 200]]);
    await ann.supabase.rpc("remove_member", { room_id: room, user_id: bob.id }).throwOnError();
    await theirs.page.getByText("This chat is not available").waitFor();
    const { data } = await bob.supabase.from("messages").select("id").eq("room_id", room);
    expect(data).toEqual([]);
    await Promise.all([context.close(), theirs.context.close()]);
  });

  test("a message with a picture is quoted and pinned in words, in Russian too", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const room = await newDirectRoom(ann, bob);
    const { page, context } = await visit(ann, { path: roomPath(room), locale: "ru-RU" });
    const buffer = await drawPicture(page, 300, 200);
    const files = [1, 2, 3].map((number) => ({ name: `${number}.png`, mimeType: "image/png", buffer }));
    await attach(page, ...files);
    await page.getByRole("button", { name: "Отправить" }).click();
    await page.locator('.message[data-state="sent"]').waitFor();
    await page.getByRole("link", { name: bob.username }).getByText("Вы: 3 фото").waitFor();
    await context.close();
    const second = await visit(bob, { path: roomPath(room) });
    await second.page.getByRole("link", { name: ann.username }).getByText("3 photos").waitFor();
    await choose(second.page, "", "Reply");
    await second.page.locator(".task").getByText("3 photos").waitFor();
    await writeLine(second.page).fill("Nice");
    await writeLine(second.page).press("Enter");
    await second.page.locator(".quote").getByText("3 photos").waitFor();
    await second.context.close();
  });
});
