import { createClient } from "@supabase/supabase-js";
import { createChat, withDeviceClock } from "parley-client";
import { render } from "preact";
import { App } from "./app.tsx";
import { readConfig } from "./core/config.ts";
import { savedLanguage, savedTheme, showTheme } from "./core/settings.ts";
import { loadWords, Words } from "./words/words.ts";
import "./styles/index.css";

showTheme(savedTheme());
const words = loadWords(savedLanguage()).catch(console.error);
try {
  const { url, key } = await readConfig();
  await words;
  const supabase = createClient(url, key, { global: { fetch: withDeviceClock() } });
  const isAdmin = document.documentElement.dataset.page === "admin";
  render(<App supabase={supabase} chat={createChat(supabase)} isAdmin={isAdmin} />, document.body);
} catch (error) {
  console.error(error);
  await words;
  const { t } = new Words(savedLanguage());
  render(
    <main class="center">
      <h1>{t("config.missing")}</h1>
      <p>{t("config.help")}</p>
    </main>,
    document.body,
  );
}
