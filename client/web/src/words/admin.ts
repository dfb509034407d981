import { english } from "./admin_en.ts";
import { russian } from "./admin_ru.ts";
import { addTexts } from "./words.ts";

// The texts of the admin page, which importing this file adds in both languages.
addTexts("en", english);
addTexts("ru", russian);
