import { createContext } from "preact";
import { useContext } from "preact/hooks";

/** Opens the card of a person, by their id. */
export const CardContext = createContext<(userId: string) => void>(() => {});
export const useCard = () => useContext(CardContext);
