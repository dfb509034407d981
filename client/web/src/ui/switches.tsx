import { createContext } from "preact";
import { useContext, useState } from "preact/hooks";
import { savedTheme, saveTheme, type Theme } from "../core/settings.ts";
import { useWords } from "../words/use_words.ts";
import { type Language, languages } from "../words/words.ts";
import { Select } from "./field.tsx";

/** Changes the language of the page. */
export const LanguageSwitch = createContext<(language: Language) => void>(() => {});

/** Language and theme. */
export function Switches() {
  const { t, language } = useWords();
  const setLanguage = useContext(LanguageSwitch);
  const [theme, setTheme] = useState(savedTheme);
  const themes: Record<Theme, string> = { auto: t("theme.auto"), light: t("theme.light"), dark: t("theme.dark") };
  return (
    <div class="switches">
      <Select label={t("language")} value={language} options={languages} onChange={setLanguage} />
      <Select
        label={t("theme")}
        value={theme}
        options={themes}
        onChange={(theme) => {
          setTheme(theme);
          saveTheme(theme);
        }}
      />
    </div>
  );
}
