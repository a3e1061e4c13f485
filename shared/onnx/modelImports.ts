/** Imports the files that compilations ask for, so that nodes themselves need no I/O. */
import { type ImportedModel, importModel, type ShapeOracle } from "./import";

interface Wish {
  readonly id: string;
  readonly sizes: Readonly<Record<string, number>>;
}

/**
 * Give `get` to the compiler as `Resources.importedModel`. Compile, call `importAsked`, and compile again while it
 * returns true.
 */
export class ModelImports {
  private readonly ready = new Map<string, ImportedModel>();
  private readonly asked = new Map<string, Wish>();

  constructor(
    private readonly read: (id: string) => Promise<Uint8Array>,
    private readonly oracle: ShapeOracle,
  ) {}

  readonly get = (id: string, sizes: Readonly<Record<string, number>>): ImportedModel | undefined => {
    const key = `${id} ${JSON.stringify(sizes)}`;
    const model = this.ready.get(key);
    if (model === undefined) this.asked.set(key, { id, sizes });
    return model;
  };

  /** Imports what was asked for since the last call; false when there was nothing. Throws as `importModel` does. */
  async importAsked(): Promise<boolean> {
    const wishes = [...this.asked];
    this.asked.clear();
    for (const [key, { id, sizes }] of wishes) {
      this.ready.set(key, await importModel(await this.read(id), { oracle: this.oracle, dims: sizes }));
    }
    return wishes.length > 0;
  }
}
