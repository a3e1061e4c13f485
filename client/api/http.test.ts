import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { adoptToken } from "./accessToken";
import { ApiError } from "./apiError";
import { request } from "./http";

const schema = z.object({ a: z.number() });
const answer = (status: number, body: unknown) =>
  vi.fn(async () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status }));

const storage = new Map<string, string>();
beforeEach(() => {
  storage.clear();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => storage.set(key, value),
  });
});
afterEach(() => vi.unstubAllGlobals());

const failure = async (): Promise<ApiError> => {
  try {
    await request("/api/x", schema);
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error("the request did not fail with an ApiError");
};

describe("requests", () => {
  it("parse the answer", async () => {
    vi.stubGlobal("fetch", answer(200, { a: 3 }));
    expect(await request("/api/x", schema)).toEqual({ a: 3 });
  });

  it("turn a problem document into its words and issues", async () => {
    const issues = [
      { severity: "error", code: "shape", message: "[4,2] does not fit [4,3]", node: "jump", socket: "x" },
    ];
    vi.stubGlobal(
      "fetch",
      answer(422, {
        type: "about:blank",
        title: "Unusable graph",
        status: 422,
        detail: "1 error in the graph.",
        issues,
      }),
    );
    const error = await failure();
    expect([error.message, error.status, error.issues]).toEqual(["1 error in the graph.", 422, issues]);
  });

  it("name the request when the answer is no problem document", async () => {
    vi.stubGlobal("fetch", answer(500, "<html>oops</html>"));
    expect((await failure()).message).toContain("GET /api/x failed: the server answered 500");
  });

  it("say so when the server is away", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    const error = await failure();
    expect(error.isOffline).toBe(true);
    expect(error.message).toContain("does not answer");
  });

  it("name the field that does not fit", async () => {
    vi.stubGlobal("fetch", answer(200, { a: "three" }));
    expect((await failure()).message).toContain('"a": ');
  });

  it("recognise a conflict", async () => {
    vi.stubGlobal(
      "fetch",
      answer(412, { type: "about:blank", title: "Changed", status: 412, detail: "Saved elsewhere." }),
    );
    expect((await failure()).isConflict).toBe(true);
  });

  it("carry the token that came with the address, which leaves the address bar", async () => {
    const rest = adoptToken("http://host:4600/g/1?token=secret&x=1", sessionStorage);
    const fetched = answer(200, { a: 1 });
    vi.stubGlobal("fetch", fetched);
    await request("/api/x", schema);
    expect(rest).toBe("http://host:4600/g/1?x=1");
    expect(fetched).toHaveBeenCalledWith(
      "/api/x",
      expect.objectContaining({ headers: { authorization: "Bearer secret" } }),
    );
  });
});
