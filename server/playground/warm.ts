/** What a warm process keeps between requests: opened models, read files, decoded checkpoints. */
import { createHash } from "node:crypto";
import type { Resources } from "@distillery/shared/graph/wires";
import type { Runtime, Session } from "@distillery/shared/run/runtime";

/** The values used last, at most `size` of them; `drop` is told of each that has to go. */
export class Recent<V> {
  private readonly values = new Map<string, V>();

  constructor(
    private readonly size: number,
    private readonly drop: (value: V) => void = () => undefined,
  ) {}

  get(key: string, make: () => V): V {
    const value = this.values.get(key) ?? make();
    this.values.delete(key);
    this.values.set(key, value);
    for (const [old, dropped] of this.values) {
      if (this.values.size <= this.size) break;
      this.values.delete(old);
      this.drop(dropped);
    }
    return value;
  }

  delete(key: string): void {
    this.values.delete(key);
  }
}

/** Remembers what was made for a key; what fails is made again. */
export async function remembered<T>(recent: Recent<Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const value = recent.get(key, make);
  try {
    return await value;
  } catch (error) {
    recent.delete(key);
    throw error;
  }
}

/**
 * The same model twice is one session: pictures, styles, seeds, and as far as a graph does not depend on them the
 * numbers of steps, change what is fed, not what runs. Sessions end when others are newer, not when they are disposed of.
 */
export function reusingRuntime(runtime: Runtime, size: number): Runtime {
  const sessions = new Recent<Promise<Session>>(size, (session) => {
    session.then((opened) => opened.dispose()).catch(() => undefined);
  });
  return {
    ...runtime,
    createSession: async (model, options) => {
      const key = createHash("sha256").update(model).digest("hex");
      const session = await remembered(sessions, key, () => runtime.createSession(model, options));
      return { ...session, dispose: () => Promise.resolve() };
    },
  };
}

/** Reads each file of the product and of the user once. */
export function reusingResources(
  resources: Resources,
  images: Recent<Promise<Awaited<ReturnType<Resources["image"]>>>>,
): Resources {
  return { ...resources, image: (path) => remembered(images, path, () => resources.image(path)) };
}
