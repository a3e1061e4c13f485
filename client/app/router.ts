/** Which page the address shows. A handful of pages needs no router library. */
import { shallowRef } from "vue";

export type Route =
  | { page: "editor"; graphId: string | null }
  | { page: "shared"; slug: string }
  /** `run` is whose networks are used; null for the bundled teacher. */
  | { page: "playground"; run: string | null }
  /** Runs side by side, by id. */
  | { page: "compare"; runs: readonly string[] }
  /** One arena, or the choice of a new one; or one that was shared. */
  | { page: "arena"; id: string | null }
  | { page: "sharedArena"; slug: string }
  /** Help on one node type, or where to begin. */
  | { page: "help"; type: string | null };

export function routeOf(path: string, query = ""): Route {
  if (/^\/playground\/?$/.test(path)) return { page: "playground", run: new URLSearchParams(query).get("run") };
  if (/^\/compare\/?$/.test(path)) {
    const runs = new URLSearchParams(query).get("runs") ?? "";
    return { page: "compare", runs: runs.split(",").filter((id) => id !== "") };
  }
  const shared = /^\/arena\/shared\/([^/]+)\/?$/.exec(path)?.[1];
  if (shared) return { page: "sharedArena", slug: decodeURIComponent(shared) };
  const arena = /^\/arena(?:\/([^/]*))?\/?$/.exec(path);
  if (arena) return { page: "arena", id: arena[1] ? decodeURIComponent(arena[1]) : null };
  const help = /^\/help(?:\/(.*?))?\/?$/.exec(path);
  if (help) return { page: "help", type: help[1] ? decodeURIComponent(help[1]) : null };
  const [, kind, id] = /^\/(g|s|shared)\/([^/]+)\/?$/.exec(path) ?? [];
  if (kind && kind !== "g" && id) return { page: "shared", slug: decodeURIComponent(id) };
  return { page: "editor", graphId: kind === "g" && id ? decodeURIComponent(id) : null };
}

export function pathOf(route: Route): string {
  if (route.page === "playground")
    return route.run === null ? "/playground" : `/playground?run=${encodeURIComponent(route.run)}`;
  if (route.page === "compare") return `/compare?runs=${route.runs.map(encodeURIComponent).join(",")}`;
  if (route.page === "arena") return route.id === null ? "/arena" : `/arena/${encodeURIComponent(route.id)}`;
  if (route.page === "help")
    return route.type === null ? "/help" : `/help/${route.type.split("/").map(encodeURIComponent).join("/")}`;
  if (route.page === "sharedArena") return `/arena/shared/${encodeURIComponent(route.slug)}`;
  if (route.page === "shared") return `/s/${encodeURIComponent(route.slug)}`;
  return route.graphId === null ? "/" : `/g/${encodeURIComponent(route.graphId)}`;
}

export const route = shallowRef<Route>(routeOf(location.pathname, location.search));

/** Follows the back and forward buttons; returns the function that stops. */
export function followHistory(): () => void {
  const follow = () => {
    route.value = routeOf(location.pathname, location.search);
  };
  addEventListener("popstate", follow);
  return () => removeEventListener("popstate", follow);
}

export function navigate(to: Route, { replace = false } = {}): void {
  const path = pathOf(to);
  if (replace) history.replaceState(null, "", path);
  else if (path !== location.pathname + location.search) history.pushState(null, "", path);
  route.value = to;
}
