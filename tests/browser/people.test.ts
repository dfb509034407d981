import { expect, test } from "vitest";
import { newUser, type User } from "../support/users.ts";
import { expectAccessible } from "./axe.ts";
import { inBrowser } from "./browser.ts";
import { choose, expectTexts, newDirectRoom, newGroup, roomPath, send, visit } from "./page.ts";

/** A user with a name. */
async function newPerson(username: string, first_name: string, last_name: string): Promise<User> {
  const user = await newUser(username);
  await user.supabase.from("profiles").update({ first_name, last_name, bio: `I am ${first_name}.\nHello` })
    .eq("id", user.id).throwOnError();
  return user;
}

inBrowser("people", () => {
  test("have their names in the inbox, in messages, among members, and where they type and react", async () => {
    const [ann, leo, zoe] = await Promise.all([
      newPerson("ann", "Anna", "Lind"),
      newPerson("leo", "Leo", "Baum"),
      newPerson("zoe", "Zoë", ""),
    ]);
    const direct = await newDirectRoom(ann, leo);
    await send(leo, direct, "Hi");
    const group = await newGroup(ann, "Crew", leo, zoe);
    await send(leo, group, "one", "two");
    await send(zoe, group, "three");
    const { page, context, complaints } = await visit(ann, { path: roomPath(group) });
    await expectTexts(page, "one", "two", "three");

    await page.getByRole("link", { name: /^Leo Baum/ }).waitFor();
    await page.locator("a.item .item-text", { hasText: "Zoë: three" }).waitFor();
    await page.locator(".sender", { hasText: "Leo Baum" }).waitFor();
    expect(await page.locator(".sender").allTextContents()).toEqual(["Leo Baum", "Zoë"]);
    // The face stands beside the last message of a run.
    const faces = await page.locator(".message").evaluateAll((messages) =>
      messages.map((message) => message.querySelector(".avatar")?.textContent ?? "")
    );
    expect(faces).toEqual(["", "LB", "Z"]);
    // The colour of a name is that of the face.
    const [name, face] = await Promise.all(
      [".sender", ".avatar.small"].map((selector) =>
        page.locator(".message").locator(selector).first().evaluate((element) =>
          getComputedStyle(element).getPropertyValue("--hue")
        )
      ),
    );
    expect(name).toBe(face);
    expect(Number(name)).toBeGreaterThanOrEqual(0);

    const { data } = await leo.supabase.from("messages").select("id").eq("room_id", group).eq("seq", 3).single();
    await leo.supabase.rpc("react", { message_id: data!.id, emoji: "👍" }).throwOnError();
    await page.locator(".reaction").hover();
    await expect.poll(() => page.locator(".reaction").getAttribute("title")).toBe("Leo Baum");

    await page.getByRole("button", { name: "Members" }).click();
    const names = page.getByRole("complementary").locator(".item-name");
    await expect.poll(async () => (await names.allTextContents()).sort()).toEqual(["Anna Lind", "Leo Baum", "Zoë"]);
    await expectAccessible(page);

    const other = await visit(leo, { path: roomPath(group) });
    await other.page.getByLabel("Message", { exact: true }).pressSequentially("typing");
    await page.getByText("Leo Baum is typing …").waitFor();
    await other.context.close();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("show a card with what they say of themselves, by mouse and by keyboard", async () => {
    const [ann, leo] = await Promise.all([newPerson("ann", "Anna", "Lind"), newPerson("leo", "Leo", "Baum")]);
    const group = await newGroup(ann, "Crew", leo);
    await newGroup(leo, "Without Ann");
    await leo.supabase.rpc("touch_status").throwOnError();
    await send(leo, group, "Hello");
    const { page, context, complaints } = await visit(ann, { path: roomPath(group) });
    const card = page.getByRole("dialog", { name: "Leo Baum" });
    await page.locator(".sender", { hasText: "Leo Baum" }).click();
    await card.getByText("I am Leo. Hello").waitFor();
    await card.getByText(`@${leo.username}`).waitFor();
    await card.getByText("online").waitFor();
    await card.getByRole("link", { name: "Crew" }).waitFor();
    expect(await card.getByText("Without Ann").count()).toBe(0);
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });

    await page.getByRole("button", { name: "Profile of Leo Baum" }).click();
    await card.waitFor();
    await page.keyboard.press("Escape");
    await choose(page, "Hello", "Profile of Leo Baum");
    await card.getByRole("button", { name: "Send a message" }).click();
    await card.waitFor({ state: "detached" });
    const title = page.getByRole("heading", { name: "Leo Baum" });
    await title.waitFor();
    await title.getByRole("button").press("Enter");
    await card.waitFor();
    await card.getByRole("button", { name: "Block" }).click();
    await card.getByText("You have blocked this person").waitFor();
    expect(await card.getByRole("button", { name: "Send a message" }).count()).toBe(0);
    await expectAccessible(page);
    await card.getByRole("button", { name: "Unblock" }).click();
    await card.getByRole("button", { name: "Send a message" }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test("are found by any part of any name, and shown by it", async () => {
    const mark = crypto.randomUUID().slice(0, 8);
    const [ann, leo] = await Promise.all([newUser("ann"), newPerson("leo", "Leo", `Baum${mark}gartner`)]);
    const { page, context } = await visit(ann);
    await page.getByLabel("Search people and messages").fill(`${mark.toUpperCase()}gart`);
    const found = page.getByRole("button", { name: `Leo Baum${mark}gartner @${leo.username}` });
    await found.click();
    await page.getByRole("heading", { name: `Leo Baum${mark}gartner` }).waitFor();
    await context.close();
  });

  test("see their new name at once when they change it", async () => {
    const [ann, leo] = await Promise.all([newUser("ann"), newUser("leo")]);
    const group = await newGroup(ann, "Crew", leo);
    const { page, context } = await visit(ann, { path: roomPath(group) });
    await page.getByRole("button", { name: "Members" }).click();
    await page.getByRole("complementary").getByText(ann.username).waitFor();
    await page.getByRole("button", { name: "Profile and settings" }).click();
    await page.getByLabel("First name").fill("Anna");
    await page.getByLabel("Who can start a chat with you").selectOption("Nobody");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("complementary").getByText("Anna", { exact: true }).waitFor();
    // Who admits nobody is reached by nobody new.
    const other = await visit(leo);
    await other.page.getByLabel("Search people and messages").fill(ann.username);
    await other.page.getByRole("button", { name: ann.username }).click();
    await other.page.getByText("You cannot reach this person.").first().waitFor();
    await other.context.close();
    await context.close();
  });
});
