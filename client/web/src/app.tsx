import type { SupabaseClient } from "@supabase/supabase-js";
import type { Chat } from "parley-client";
import { useEffect, useMemo, useState } from "preact/hooks";
import { People } from "./core/people.ts";
import { SessionContext, useUserId } from "./core/session.ts";
import { savedLanguage, saveLanguage } from "./core/settings.ts";
import { Home } from "./home.tsx";
import { loadParser } from "./markdown/load.ts";
import { lazy } from "./ui/lazy.tsx";
import { attempt, NoticeArea } from "./ui/notices.tsx";
import { useStore } from "./ui/use_store.ts";
import { useToday } from "./words/use_today.ts";
import { LanguageSwitch, WordsContext } from "./words/use_words.ts";
import { type Language, loadWords, Words } from "./words/words.ts";

const AdminPage = lazy(async () => (await import("./admin/admin_page.tsx")).AdminPage, false);
const SignIn = lazy(async () => (await import("./account/sign_in.tsx")).SignIn);
const Suspended = lazy(async () => (await import("./account/suspended.tsx")).Suspended);

interface AppProps {
  supabase: SupabaseClient;
  chat: Chat;
  /** Whether it is the page of operators. */
  isAdmin: boolean;
}

/** The page: the app for a signed-in user, otherwise the sign-in form. */
export function App({ supabase, chat, isAdmin }: AppProps) {
  const [language, setLanguage] = useState(savedLanguage);
  const today = useToday();
  // Also new at midnight, when today's dates become yesterday's.
  const words = useMemo(() => new Words(language, navigator.languages), [language, today]);
  const me = useUserId(supabase);
  const suspension = useStore(chat.suspension);
  const Signed = isAdmin ? AdminPage : Home;
  const session = useMemo(() => me ? { supabase, chat, me, people: new People(chat) } : undefined, [
    supabase,
    chat,
    me,
  ]);
  // Also while somebody signs in: the first room that is opened waits for it.
  useEffect(() => void loadParser(), []);
  useEffect(() => void (document.documentElement.lang = language), [language]);

  async function changeLanguage(language: Language): Promise<void> {
    await attempt(async () => {
      await loadWords(language);
      saveLanguage(language);
      setLanguage(language);
    });
  }

  return (
    <WordsContext.Provider value={words}>
      <LanguageSwitch.Provider value={changeLanguage}>
        {session && (
          <SessionContext.Provider value={session}>
            {suspension ? <Suspended suspension={suspension} /> : <Signed key={session.me} />}
          </SessionContext.Provider>
        )}
        {me === null && <SignIn supabase={supabase} isAdmin={isAdmin} />}
        <NoticeArea />
      </LanguageSwitch.Provider>
    </WordsContext.Provider>
  );
}
