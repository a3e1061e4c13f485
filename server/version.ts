import manifest from "../package.json";

/** Version of the whole product. */
export const VERSION: string = manifest.version;
