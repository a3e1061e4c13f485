/** Where the models that ship with the node library lie. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { cards, infoOf } from "@distillery/nodes/models/index";
import type { UserModelInfo } from "@distillery/shared/graph/modelInfo";
import { NODES_FOLDER } from "./paths";

export function bundledFiles(): (UserModelInfo & { file: string })[] {
  return cards.map((card) => {
    const file = join(NODES_FOLDER, "models", card.id, card.file);
    return { ...infoOf(card), bytes: statSync(file, { throwIfNoEntry: false })?.size ?? 0, file };
  });
}
