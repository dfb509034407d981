import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { client } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { inBrowser } from "./browser.ts";
import { newGroup, roomPath, visit } from "./page.ts";
import { EXIF_SEGMENT } from "./pictures.ts";

const MB = 1_000_000;

/** Chooses a photograph as phones take them: 20 MB, with noise, and the place where it was taken. Returns its size. */
async function attachPhoto(page: Page): Promise<number> {
  return await page.locator(".composer input[type=file]").evaluate(async (input: HTMLInputElement, exif) => {
    const [width, height] = [4_032, 3_024];
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    let state = 1;
    for (let at = 0; at < image.data.length; at++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      image.data[at] = at % 4 === 3 ? 255 : 60 + 120 * (at / image.data.length) + (state >> 16) % 32;
    }
    context.putImageData(image, 0, 0);
    const jpeg = await new Promise<Blob>((resolve) => canvas.toBlob((blob) => resolve(blob!), "image/jpeg", 1));
    const parts = [jpeg.slice(0, 2), Uint8Array.from(exif), jpeg.slice(2)];
    const data = new DataTransfer();
    const photo = new File(parts, "IMG_2041.JPG", { type: "image/jpeg" });
    data.items.add(photo);
    input.files = data.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return photo.size;
  }, [...EXIF_SEGMENT]);
}

inBrowser("a large photograph", () => {
  test("it shows to the other a moment after its upload; its URL is nobody else's, and ends", async () => {
    const [ann, bob, eve] = await Promise.all([newUser("ann"), newUser("bob"), newUser("eve")]);
    const room = await newGroup(ann, "Garden", bob);
    const [one, other] = await Promise.all([ann, bob].map((person) => visit(person, { path: roomPath(room) })));
    await Promise.all([one!, other!].map(({ page }) => page.getByText("This is where").waitFor()));
    const size = await attachPhoto(one!.page);
    expect(size).toBeGreaterThan(20 * MB);
    expect(size).toBeLessThan(25 * MB);
    await one!.page.getByRole("list", { name: "Files to send" }).getByRole("img", { name: "IMG_2041.JPG" }).waitFor();
    const uploaded = one!.page.waitForEvent("requestfinished", {
      predicate: (request) => request.method() === "PUT" && request.url().includes("/object/upload/sign/"),
      timeout: 60_000,
    }).then(() => performance.now());
    const shown = other!.page.waitForFunction(
      () => {
        const image = document.querySelector<HTMLImageElement>(".album img");
        return image?.complete && image.naturalWidth > 0 && image.src;
      },
      undefined,
      { timeout: 60_000, polling: 10 },
    ).then(async (src) => ({
      at: performance.now(),
      src: await src.jsonValue() as string,
    }));
    await one!.page.getByRole("button", { name: "Send", exact: true }).click();
    const [end, { at, src }] = await Promise.all([uploaded, shown]);
    // 0.3 s with two cores, and ten times as long when other tests take them.
    expect(at - end).toBeLessThan(5_000);
    const stored = Buffer.from(await (await fetch(src)).arrayBuffer());
    expect([stored.subarray(0, 2).toString("hex"), stored.includes("Exif")]).toEqual(["ffd8", false]);

    // A URL opens the file for a minute. Without one nobody but members gets it, or a URL of it.
    const url = new URL(src);
    const { exp, iat } = JSON.parse(atob(url.searchParams.get("token")!.split(".")[1]!));
    expect(exp - iat).toBe(60);
    const path = decodeURIComponent(url.pathname.split("/chat-files/")[1]!);
    const refused = async (person: { supabase: ReturnType<typeof client> }) => {
      const files = person.supabase.storage.from("chat-files");
      const [signed, downloaded] = [await files.createSignedUrl(path, 60), await files.download(path)];
      return [signed.data, downloaded.data];
    };
    const anon = { supabase: client() };
    for (const person of [eve, anon]) expect(await refused(person)).toEqual([null, null]);
    for (const kind of ["public", "authenticated", "sign"]) {
      const response = await fetch(`${url.origin}/storage/v1/object/${kind}/chat-files/${path}`);
      await response.body?.cancel();
      expect(response.status).toBe(400);
    }
    const { data: short } = await bob.supabase.storage.from("chat-files").createSignedUrl(path, 1);
    await ann.supabase.rpc("remove_member", { room_id: room, user_id: bob.id }).throwOnError();
    expect(await refused(bob)).toEqual([null, null]);
    await expect.poll(async () => {
      const response = await fetch(short!.signedUrl);
      await response.body?.cancel();
      return response.status;
    }).toBe(400);
    await expect.poll(() => other!.page.locator(".album").count()).toBe(0);
    expect(one!.complaints).toEqual([]);
    await Promise.all([one!.context.close(), other!.context.close()]);
  });
});
