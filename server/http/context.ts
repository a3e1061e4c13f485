import type { NodeLibrary } from "@distillery/shared/graph/node";
import type { Device } from "@distillery/shared/protocol/events";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Arenas } from "../arena/arenas";
import { ID_PATTERN } from "../identifiers";
import type { InstalledPack } from "../packs/install";
import type { Playground } from "../playground/playground";
import type { RunManager } from "../runs/manager";
import type { Store } from "../store/store";

/** What the routes work on. */
export interface HttpContext {
  readonly store: Store;
  readonly runs: RunManager;
  readonly library: NodeLibrary;
  readonly playground: Playground;
  readonly arenas: Arenas;
  /** Node packs that were named to the server, the broken ones, too. */
  readonly packs: readonly InstalledPack[];
  /** Devices found to work here, most capable last. */
  devices(): readonly Device[];
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export const idParams = z.object({ id: z.string().regex(ID_PATTERN, "not an id") });
