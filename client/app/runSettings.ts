/** How runs are started from here: remembered in this browser, not part of any graph. */
import { type Device, deviceSchema } from "@distillery/shared/protocol/events";
import { defineStore } from "pinia";
import { computed, ref } from "vue";
import { useServerStore } from "../run/serverStore";

const KEY = "distillery.device";

export const useRunSettings = defineStore("runSettings", () => {
  const server = useServerStore();
  const stored = deviceSchema.safeParse(localStorage.getItem(KEY));
  const wanted = ref<Device>(stored.success ? stored.data : "cpu");
  /** The wanted device where the server has it, else its first. */
  const device = computed<Device>({
    get: () => (server.devices.includes(wanted.value) ? wanted.value : (server.devices[0] ?? "cpu")),
    set: (next) => {
      wanted.value = next;
      localStorage.setItem(KEY, next);
    },
  });
  return { device };
});
