import { useContext, useState } from "preact/hooks";
import { savedTheme, saveTheme, type Theme } from "../core/settings.ts";
import { LanguageSwitch, useWords } from "../words/use_words.ts";
import { languages } from "../words/words.ts";
import "../words/late.ts";
import { Select } from "./field.tsx";

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
