/** Pages of share links: the editor's start page with a title, a description and a picture for whoever shows the link. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { escaped } from "@distillery/shared/text/escape";
import type { FastifyRequest } from "fastify";
import { PREVIEW } from "../share/preview";
import type { Store } from "../store/store";
import type { App } from "./context";
import { slugParams } from "./shares";

const DESCRIPTION_LETTERS = 300;

export function sharePages(app: App, store: Pick<Store, "shares">, clientFolder: string): void {
  const file = join(clientFolder, "index.html");
  if (!existsSync(file)) return;
  const page = readFileSync(file, "utf8");
  for (const url of ["/s/:slug", "/shared/:slug"])
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      reply.headers({ "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
      const slug = slugParams.safeParse(request.params).data?.slug;
      const link = slug === undefined ? undefined : store.shares.get(slug);
      const graph = link && store.shares.document(link.slug);
      // The page itself says that the link leads nowhere.
      if (!link || !graph) return reply.code(404).send(page);
      const description = graph.description.trim().slice(0, DESCRIPTION_LETTERS) || "A diffusion distillation graph";
      return reply.send(withCard(page, { title: link.name, description, origin: originOf(request), slug: link.slug }));
    });
}

const originOf = ({ protocol, headers }: FastifyRequest): string => `${protocol}://${headers.host ?? ""}`;

function withCard(
  page: string,
  { title, description, origin, slug }: { title: string; description: string; origin: string; slug: string },
): string {
  const meta = (key: "property" | "name", name: string, content: string | number) =>
    `<meta ${key}="${name}" content="${escaped(String(content))}" />`;
  const card = [
    meta("property", "og:type", "website"),
    meta("property", "og:site_name", "Distillery"),
    meta("property", "og:title", title),
    meta("property", "og:description", description),
    meta("property", "og:url", `${origin}/s/${slug}`),
    meta("property", "og:image", `${origin}/api/shared/${slug}/preview.png`),
    meta("property", "og:image:width", PREVIEW.width),
    meta("property", "og:image:height", PREVIEW.height),
    meta("name", "twitter:card", "summary_large_image"),
    `<link rel="preload" as="fetch" crossorigin href="/api/shared/${slug}" />`,
  ].join("\n    ");
  return page
    .replace(/<title>[^<]*<\/title>/, () => `<title>${escaped(title)} - Distillery</title>\n    ${card}`)
    .replace(/(<meta name="description" content=")[^"]*/, (_, head: string) => head + escaped(description));
}
