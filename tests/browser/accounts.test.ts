import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser, uniqueName } from "../support/users.ts";
import { functionsUrl, inBrowser, newContext, openPage } from "./browser.ts";
import { pageUrl, visit } from "./page.ts";

inBrowser("accounts and settings", () => {
  test("a user creates an account with a taken name, picks another, and signs in again", async () => {
    const { username: taken } = await newUser("ann");
    const [email, free] = [`${uniqueName("ann")}@example.com`, uniqueName("free")];
    const context = await newContext({ locale: "en-GB" });
    const { page } = await openPage(context);
    await page.goto(pageUrl);
    await page.getByRole("button", { name: "No account yet? Create one" }).click();
    await page.getByLabel("Username").fill(taken);
    await page.getByLabel("Email", { exact: true }).fill(email);
    await page.getByLabel("Password").fill("a long secret");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText(`“${taken}” is taken, so your username is “${taken}2”.`).waitFor();

    await page.getByRole("button", { name: "Profile and settings" }).click();
    const name = page.getByRole("dialog").getByLabel("Username");
    await name.fill(taken);
    await page.getByText("This username is taken.").waitFor();
    await name.fill(free);
    await page.getByText("This username is free.").waitFor();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Profile and settings" }).click();
    await expect.poll(() => name.inputValue()).toBe(free);
    await page.getByRole("button", { name: "Sign out" }).click();

    await page.getByLabel("Email or username").fill(email);
    await page.getByLabel("Password").fill("not it");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("Wrong email, username or password.").waitFor();
    await page.getByLabel("Password").fill("a long secret");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("Select a chat").waitFor();
    await context.close();
  });

  test("what can be clicked in the profile stays where it is when the form comes", async () => {
    const { page, context } = await visit(await newUser("ann"));
    await context.route(/rest\/v1\/profiles/, async (route) => {
      await sleep(1_000);
      await route.continue();
    });
    await page.getByRole("button", { name: "Profile and settings" }).click();
    const signOut = page.getByRole("button", { name: "Sign out" });
    const place = await signOut.boundingBox();
    await page.getByLabel("First name").waitFor();
    expect(await signOut.boundingBox()).toEqual(place);
    await context.close();
  });

  test("an imported person signs in with the password of before, by username and by address", async () => {
    const sql = database();
    // What Django has stored for it: "correct horse".
    const hash = "pbkdf2_sha256$1000000$FPc2DrfrfElh5iTPnRZJwW$P2YVARZxIxQS9iybFmp3EX6jbgJhCdtxSpMJwlDA0t4=";
    for (const by of ["username", "email"] as const) {
      const person = await newUser("imported");
      await sql`update auth.users set encrypted_password = null where id = ${person.id}`;
      await sql`insert into chat_private.old_passwords (user_id, hash) values (${person.id}, ${hash})`;
      const context = await newContext({ locale: "en-GB" });
      const { page } = await openPage(context);
      await page.goto(pageUrl);
      await page.getByLabel("Email or username").fill(person[by]);
      await page.getByLabel("Password").fill("not it");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByText("Wrong email, username or password.").waitFor();
      await page.getByLabel("Password").fill("correct horse");
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByText("Select a chat").waitFor();
      await context.close();
    }
    await sql.end();
  });

  test("an account created with only a username, by an API, signs in by it, and stays signed in", async () => {
    const username = uniqueName("ann@home");
    const password = "a long secret";
    const made = await fetch(`${functionsUrl}/messenger/api/auth/register/`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ username, password }),
    });
    expect(made.status).toBe(201);
    const context = await newContext({ locale: "en-GB" });
    const { page } = await openPage(context);
    await page.goto(pageUrl);
    const enter = async (name: string, password: string) => {
      await page.getByLabel("Email or username").fill(name);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
    };
    for (const [name, wrong] of [[uniqueName("nobody"), password], [username, "not it"]] as const) {
      await enter(name, wrong);
      await page.getByText("Wrong email, username or password.").waitFor();
      await page.getByLabel("Password").fill("");
    }
    await enter(username, password);
    await page.getByText("Select a chat").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Profile and settings" }).click();
    await expect.poll(() => page.getByRole("dialog").getByLabel("Username").inputValue()).toBe(username);
    await context.close();
  });

  test("the page is in Russian for a Russian browser, with the right plurals, and in English on request", async () => {
    const [ann, bob] = await Promise.all([newUser("ann"), newUser("bob")]);
    const { data: room } = await ann.supabase.rpc("create_direct_room", { user_id: bob.id }).throwOnError();
    const say = () => ann.supabase.rpc("send_message", { room_id: room!.id, content: "Привет" }).throwOnError();
    const { page, context } = await visit(bob, { locale: "ru-RU" });
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("ru");
    for (const words of ["1 непрочитанное сообщение", "2 непрочитанных сообщения"]) {
      await say();
      await page.getByRole("link", { name: ann.username }).getByText(words).waitFor();
    }
    for (let count = 2; count < 5; count++) await say();
    await page.getByRole("link", { name: ann.username }).getByText("5 непрочитанных сообщений").waitFor();
    await page.getByRole("button", { name: "Профиль и настройки" }).click();
    await page.getByLabel("Язык").selectOption("English");
    await page.getByRole("heading", { name: "Profile and settings" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Profile and settings" }).waitFor();
    await context.close();
  });

  test("a chosen theme stays, whatever the system prefers", async () => {
    const context = await newContext({ colorScheme: "light", locale: "en-GB" });
    const { page } = await openPage(context);
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await page.goto(pageUrl);
    await page.getByLabel("Appearance").waitFor();
    const light = await background();
    await page.getByLabel("Appearance").selectOption("Dark");
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByLabel("Appearance").waitFor();
    expect(await background()).toBe(dark);
    await context.close();
  });
});
