/** The page of exported HTML files: everything in one file, under a policy that lets only its own script run. */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";

const sha256 = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Puts the one script and the one style sheet into the page. */
const inOneFile = (): Plugin => ({
  name: "in-one-file",
  enforce: "post",
  generateBundle: {
    // After Vite's own last touch: the policy holds the hash of the script as it is in the page.
    order: "post",
    handler(_, bundle) {
      const files = Object.values(bundle);
      const script = files.find((file) => file.type === "chunk");
      const style = files.find((file) => file.type === "asset" && file.fileName.endsWith(".css"));
      const page = files.find((file) => file.type === "asset" && file.fileName.endsWith(".html"));
      if (script?.type !== "chunk" || style?.type !== "asset" || page?.type !== "asset")
        throw new Error("The viewer page should be one script, one style sheet and one page.");
      const code = script.code.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
      const policy = `default-src 'none'; script-src ${sha256(code)}; style-src 'unsafe-inline'; img-src blob: data:; font-src data:; base-uri 'none'; form-action 'none'`;
      page.source = String(page.source)
        .replace(/<script[^>]*><\/script>/, "")
        .replace(/<link[^>]*stylesheet[^>]*>/, "")
        .replace("<head>", () => `<head>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`)
        .replace("</head>", () => `<style>${String(style.source)}</style>\n  </head>`)
        .replace("</body>", () => `<script type="module">${code}</script>\n  </body>`);
      for (const file of files) if (file !== page) delete bundle[file.fileName];
    },
  },
});

export default defineConfig({
  root: fileURLToPath(new URL("./viewer", import.meta.url)),
  plugins: [vue(), inOneFile()],
  build: {
    // Beside the editor, which is built first.
    outDir: "../dist",
    emptyOutDir: false,
    target: "es2023",
    cssCodeSplit: false,
    modulePreload: false,
    assetsInlineLimit: 100_000,
    rollupOptions: {
      input: fileURLToPath(new URL("./viewer/viewer.html", import.meta.url)),
      output: { codeSplitting: false },
    },
  },
});
