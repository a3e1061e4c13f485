import type { GraphDocument } from "@distillery/shared/graph/document";

/** A document for showing, and exactly what a file of it should carry. */
export interface Exported {
  readonly document: GraphDocument;
  readonly stored: unknown;
}
