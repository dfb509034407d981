import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Language, Words } from "./words.ts";

/** The texts of the chosen language, for all components. */
export const WordsContext = createContext(new Words("en"));

export const useWords = (): Words => useContext(WordsContext);

/** Changes the language of the page. */
export const LanguageSwitch = createContext<(language: Language) => void>(() => {});
