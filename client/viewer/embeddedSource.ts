/** Pictures of a run out of the file they were recorded in. */

import { say } from "../language";
import type { RunSource } from "../run/runSource";
import { fromBase64, type ViewData } from "./viewData";

export const embeddedSource = (frames: ViewData["frames"]): RunSource => ({
  async image(seq) {
    const frame = frames[seq];
    if (frame?.image === undefined) throw new Error(say.viewer.noPicture);
    return new Blob([fromBase64(frame.image)], { type: frame.mime });
  },
  async values(seq) {
    const frame = frames[seq];
    if (frame?.values === undefined) throw new Error(say.viewer.noValues);
    return new Float32Array(fromBase64(frame.values).buffer);
  },
});
