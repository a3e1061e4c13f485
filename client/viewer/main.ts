/** The page inside an exported HTML file: shows what the file carries and asks nobody for anything. */
import { createPinia } from "pinia";
import { createApp } from "vue";
import "../theme/base.css";
import { resolveTheme } from "../theme/themeMode";
import ViewerPage from "./ViewerPage.vue";
import { VIEW_ELEMENT, viewDataSchema } from "./viewData";

document.documentElement.dataset.theme = resolveTheme("system");
const stored: unknown = JSON.parse(document.getElementById(VIEW_ELEMENT)?.textContent ?? "null");
createApp(ViewerPage, { data: viewDataSchema.parse(stored) })
  .use(createPinia())
  .mount("#app");
