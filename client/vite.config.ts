import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type ProxyOptions } from "vite";

const SERVER = "http://127.0.0.1:4600";

/** The server refuses requests of other pages; in development this page is one, so the proxy speaks for it. */
const toServer: ProxyOptions = {
  target: SERVER,
  changeOrigin: true,
  rewriteWsOrigin: true,
  configure: (proxy) => proxy.on("proxyReq", (request) => request.setHeader("origin", SERVER)),
};

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  plugins: [vue()],
  resolve: { dedupe: ["rete", "rete-area-plugin", "vue"] },
  worker: { format: "es" },
  build: { outDir: "dist", emptyOutDir: true, target: "es2023", chunkSizeWarningLimit: 1500 },
  server: { host: "127.0.0.1", proxy: { "/api": toServer, "/socket.io": { ...toServer, ws: true } } },
});
