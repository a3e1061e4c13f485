import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { library } from "@distillery/nodes/library";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Arenas } from "../arena/arenas";
import { ConfigError, isLoopback, readConfig } from "../config";
import { PLAYGROUND_FILE, WORKER_FILE } from "../paths";
import { Playground } from "../playground/playground";
import { RunManager } from "../runs/manager";
import { openStore, type Store } from "../store/store";
import { createHttp } from "./app";
import type { App } from "./context";
import { isHostAllowed, isOriginAllowed } from "./security";

describe("an open address", () => {
  test("needs a token of some length", () => {
    expect(() => readConfig({ HOST: "0.0.0.0" })).toThrow(ConfigError);
    expect(() => readConfig({ HOST: "192.168.1.5" })).toThrow(/DISTILLERY_TOKEN/);
    expect(() => readConfig({ HOST: "0.0.0.0", DISTILLERY_TOKEN: "short" })).toThrow(ConfigError);
    expect(readConfig({ HOST: "0.0.0.0", DISTILLERY_TOKEN: "long enough" }).token).toBe("long enough");
    expect(() => readConfig({ PORT: "http" })).toThrow(/PORT/);
  });

  test("is anything but loopback", () => {
    for (const host of ["127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]", "app.localhost"])
      expect(isLoopback(host), host).toBe(true);
    for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.evil.example", "localhost.evil.example", ""])
      expect(isLoopback(host), host).toBe(false);
  });
});

describe("host and origin", () => {
  const access = readConfig({ DISTILLERY_ORIGINS: "http://localhost:5173" });
  test("only our own names", () => {
    for (const host of ["localhost:4600", "127.0.0.1", "[::1]:4600"])
      expect(isHostAllowed(access, host), host).toBe(true);
    for (const host of [
      "evil.example",
      "localhost.evil.example:4600",
      "",
      undefined,
      "localhost:4600@evil",
      "127.0.0.1 evil",
    ])
      expect(isHostAllowed(access, host), host).toBe(false);
  });
  test("only our own pages, and listed ones", () => {
    const check = (origin: string) => isOriginAllowed(access, { origin, host: "localhost:4600" });
    expect([check("http://localhost:4600"), check("http://localhost:5173")]).toEqual([true, true]);
    for (const origin of ["null", "http://localhost:4601", "https://evil.example", "file://", "garbage"])
      expect(check(origin), origin).toBe(false);
  });
});

describe("with a token", () => {
  const token = "correct horse battery";
  const routes: { method: string; url: string }[] = [];
  let home: string;
  let store: Store;
  let app: App;
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "distillery-access-"));
    store = openStore(home, 1e6);
    const runs = new RunManager({ store, library, workerFile: WORKER_FILE, origin: "server" });
    const playground = new Playground({ store, runs, library, process: { file: PLAYGROUND_FILE } });
    const access = readConfig({ HOST: "0.0.0.0", DISTILLERY_TOKEN: token });
    app = await createHttp(
      {
        store,
        runs,
        library,
        playground,
        arenas: new Arenas(store, runs, "server"),
        packs: [],
        devices: () => ["cpu"],
      },
      { access, clientFolder: join(home, "no"), onRoute: (method, url) => routes.push({ method, url }) },
    );
    await app.ready();
  });
  afterAll(async () => {
    await app.close();
    store.close();
    rmSync(home, { recursive: true, force: true });
  });

  const request = ({ method, url }: { method: string; url: string }, headers: Record<string, string> = {}) =>
    app.inject({
      method: method as "GET",
      url: url.replace(/:\w+/g, "x1").replace("*", "x1"),
      headers: { host: "gpu.example:4600", ...headers },
    });

  /** What a share link opens; the links themselves are tested in `shares.test.ts`. */
  const isOpen = ({ method, url }: { method: string; url: string }) =>
    (method === "GET" || method === "HEAD") && /^\/api\/shared(-arenas)?\/:slug/.test(url);

  test("every route refuses requests without it, except what a share link opens", async () => {
    expect(routes.length).toBeGreaterThan(25);
    expect(routes.filter(isOpen).map(({ url }) => url)).toEqual(
      expect.arrayContaining(["/api/shared/:slug", "/api/shared/:slug/run", "/api/shared-arenas/:slug"]),
    );
    for (const route of routes.filter(isOpen)) expect([400, 404]).toContain((await request(route)).statusCode);
    for (const route of routes.filter((each) => !isOpen(each))) {
      const cookie = "distillery_token=wrong";
      const name = `${route.method} ${route.url}`;
      expect((await request(route)).statusCode, name).toBe(401);
      expect((await request(route, { authorization: "Bearer wrong" })).statusCode, name).toBe(401);
      expect((await request(route, { cookie })).statusCode, name).toBe(401);
    }
    expect((await request({ method: "GET", url: "/api/nothing" })).statusCode).toBe(401);
    expect((await request({ method: "GET", url: "/?token=wrong" })).statusCode).toBe(401);
    // Dots and escapes do not lead from an open address to a closed one.
    for (const url of [
      "/api/shared/../runs",
      "/api/shared/%2e%2e/runs",
      "/assets/../api/runs",
      "/s/..%2f..%2fapi/runs",
    ])
      expect((await request({ method: "GET", url })).statusCode, url).toBe(401);
    // Only the start page takes it from the address.
    expect((await request({ method: "GET", url: `/api/runs?token=${encodeURIComponent(token)}` })).statusCode).toBe(
      401,
    );
  });

  test("every route lets requests with it through", async () => {
    const cookie = `theme=dark; distillery_token=${encodeURIComponent(token)}`;
    for (const route of routes) {
      expect((await request(route, { authorization: `Bearer ${token}` })).statusCode, route.url).not.toBe(401);
      expect((await request(route, { cookie })).statusCode, route.url).not.toBe(401);
    }
  });

  test("the printed address sets the cookie", async () => {
    const response = await request({ method: "GET", url: `/?token=${encodeURIComponent(token)}` });
    const cookie = String(response.headers["set-cookie"]);
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict/);
    expect(
      (await request({ method: "GET", url: "/api/runs" }, { cookie: cookie.split(";")[0] ?? "" })).statusCode,
    ).toBe(200);
  });
});
