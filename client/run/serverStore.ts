/** Whether the server is there, what it can do, and the one live connection to it. */
import type { Device } from "@distillery/shared/protocol/events";
import type { Health } from "@distillery/shared/protocol/rest";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { messageOf } from "../api/apiError";
import { type ConnectionState, connectToServer, createRunSocket, type RunSocket } from "../api/runSocket";
import { getHealth } from "../api/server";

export const useServerStore = defineStore("server", () => {
  const health = shallowRef<Health | null>(null);
  const connection = ref<ConnectionState>("connecting");
  const problem = ref("");
  let socket: RunSocket | null = null;

  const devices = computed<Device[]>(() => health.value?.devices ?? ["cpu"]);

  /** The live connection; opened at first use. */
  function live(): RunSocket {
    socket ??= createRunSocket(connectToServer(), (state) => {
      const wasOffline = connection.value === "offline";
      connection.value = state;
      if (state === "online" && wasOffline) void refresh();
    });
    return socket;
  }
  /** Tests bring their own connection. */
  function useConnection(own: RunSocket): void {
    socket = own;
    connection.value = "online";
  }
  async function refresh(): Promise<void> {
    try {
      health.value = await getHealth();
      problem.value = "";
    } catch (error) {
      problem.value = messageOf(error);
    }
  }
  return { health, connection, problem, devices, live, useConnection, refresh };
});
