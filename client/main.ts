import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "./App.vue";
import { adoptToken } from "./api/accessToken";
import "./theme/base.css";

const address = adoptToken(location.href, sessionStorage);
if (address !== location.href) history.replaceState(history.state, "", address);

createApp(App).use(createPinia()).mount("#app");
