/** What a filter of runs means in SQL. Values never become part of the text. */
import type { RunFilter } from "@distillery/shared/protocol/rest";

interface Condition {
  readonly sql: string;
  readonly values: readonly string[];
}

const SEARCHED = ["label", "graph_name", "notes", "tags", "id"];

/** Each word of a search must be found somewhere. */
export function conditionsOf(filter: Omit<RunFilter, "limit" | "before">): Condition[] {
  const words = (filter.search ?? "").split(/\s+/).filter((word) => word !== "");
  const conditions = words.map((word): Condition => {
    const pattern = `%${word.replace(/[\\%_]/g, "\\$&")}%`;
    return {
      sql: `(${SEARCHED.map((column) => `${column} LIKE ? ESCAPE '\\'`).join(" OR ")})`,
      values: SEARCHED.map(() => pattern),
    };
  });
  const equal = { status: filter.status, graph_id: filter.graphId, graph_name: filter.graphName, batch: filter.batch };
  for (const [column, value] of Object.entries(equal))
    if (value !== undefined) conditions.push({ sql: `${column} = ?`, values: [value] });
  if (filter.starred !== undefined) conditions.push({ sql: "starred = 1", values: [] });
  if (filter.tag !== undefined)
    conditions.push({ sql: "EXISTS (SELECT 1 FROM json_each(runs.tags) WHERE value = ?)", values: [filter.tag] });
  return conditions;
}
