import { type Language, languages, preferred } from "../words/words.ts";

export type Theme = "auto" | "light" | "dark";

const STORAGE_KEYS = { language: "parley.language", theme: "parley.theme" };

/** Reads a setting of this device; null if storage is blocked. */
function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The setting applies until the page is closed.
  }
}

export function savedLanguage(): Language {
  const saved = remembered(STORAGE_KEYS.language);
  return saved && saved in languages ? saved as Language : preferred(navigator.languages);
}

export function saveLanguage(language: Language): void {
  remember(STORAGE_KEYS.language, language);
}

export function savedTheme(): Theme {
  const saved = remembered(STORAGE_KEYS.theme);
  return saved === "light" || saved === "dark" ? saved : "auto";
}

/** Saves the theme and applies it. */
export function saveTheme(theme: Theme): void {
  remember(STORAGE_KEYS.theme, theme);
  showTheme(theme);
}

/** The styles use `color-scheme`, which follows the system unless a theme is chosen. */
export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}
