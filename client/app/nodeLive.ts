/** What the cards on the canvas show of the run in view. */
import { IDLE, type NodeLive, type NodeRunState } from "../canvas/nodeRunState";
import { useSessionStore } from "../editor/sessionStore";
import { useFrameStore } from "../run/frameStore";
import { useProfileStore } from "../run/profileStore";
import type { RunLog, StoredFrame } from "../run/runLog";
import { useRunStore } from "../run/runStore";
import { framesOf } from "../viewers/clip/clipStore";
import { densitySchema, pathsSchema, read } from "../viewers/trajectory/viewerData";
import { pathThumbnail } from "./pathThumbnail";

interface DrawnPaths {
  key: string;
  bitmap: ImageBitmap | null;
}

export function useNodeLive(): Pick<NodeLive, "runStateFor" | "thumbnailFor"> {
  const run = useRunStore();
  const frames = useFrameStore();
  const profiles = useProfileStore();
  const session = useSessionStore();
  const states = new Map<string, NodeRunState>();
  const drawn = new Map<string, DrawnPaths>();
  const stills = new Map<string, { seq: number; bitmap: ImageBitmap | null }>();

  /** 2-D paths say more than the scattered points of one moment. */
  function pathsOf(node: string, log: RunLog): ImageBitmap | null {
    const point = log.dataAt(node, "paths");
    if (!point) return null;
    const key = `${log.runId}|${point.seq}|${session.theme}`;
    const known = drawn.get(node);
    if (known?.key === key) return known.bitmap;
    const paths = read(pathsSchema, point.value);
    const density = read(densitySchema, log.data.get(`${node}.density`)?.[0]?.value) ?? [];
    const bitmap = paths ? pathThumbnail(paths, density, session.theme === "dark") : null;
    known?.bitmap?.close();
    drawn.set(node, { key, bitmap });
    return bitmap;
  }

  /** A clip stands still on its card: its middle frame, cut out once. */
  function stillOf(node: string, { seq, shape }: StoredFrame, strip: ImageBitmap): ImageBitmap | null {
    const known = stills.get(node);
    if (known?.seq !== seq) {
      const height = strip.height / framesOf(shape);
      const top = Math.floor(framesOf(shape) / 2) * height;
      stills.set(node, { seq, bitmap: known?.bitmap ?? null });
      void createImageBitmap(strip, 0, top, strip.width, height)
        .then((bitmap) => {
          stills.set(node, { seq, bitmap });
          frames.touch();
        })
        .catch(() => stills.delete(node));
    }
    return stills.get(node)?.bitmap ?? null;
  }

  return {
    runStateFor(node) {
      const progress = run.log?.nodes.get(node);
      const heat = profiles.heatOf(node);
      if (!progress && heat === undefined) return IDLE;
      const known = states.get(node);
      const { state: status, milliseconds: ms, message } = progress ?? { state: "idle" as const };
      // The same object as long as nothing changed, so that the card need not be drawn again.
      if (known?.status === status && known.ms === ms && known.message === message && known.heat === heat) return known;
      const made: NodeRunState = { status, ms, message, heat };
      states.set(node, made);
      return made;
    },
    thumbnailFor(node) {
      void frames.version;
      const frame = frames.index.newest(node);
      if (!frame || !run.log) return null;
      const paths = pathsOf(node, run.log);
      if (paths) return paths;
      const bitmap = frames.cached(frame.seq);
      if (!bitmap) void frames.load(frame.seq, run.isActive).then((loaded) => loaded && frames.touch());
      if (!bitmap || framesOf(frame.shape) === 1) return bitmap ?? null;
      return stillOf(node, frame, bitmap);
    },
  };
}
