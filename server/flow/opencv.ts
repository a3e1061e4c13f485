/** Dense optical flow by OpenCV (WebAssembly), an optional package: loaded at the first use, and only there. */
import { createRequire } from "node:module";
import type { FlowPair } from "@distillery/shared/graph/wires";

type OpenCv = typeof import("@techstark/opencv-js");

/** Farnebäck 2003, with a window for small pictures: a pyramid of halves, each pixel's neighbourhood as a polynomial. */
const PARAMETERS = { scale: 0.5, levels: 3, window: 9, iterations: 5, neighbours: 5, sigma: 1.1 } as const;

let loading: Promise<{ readonly cv: OpenCv }> | undefined;

/**
 * In a box of its own: the module is a promise itself, and awaiting it again would never end.
 * @throws Error in words when the package is not installed
 */
function loadOpenCv(): Promise<{ readonly cv: OpenCv }> {
  loading ??= (async () => {
    let module: OpenCv | Promise<OpenCv>;
    try {
      module = createRequire(import.meta.url)("@techstark/opencv-js");
    } catch {
      throw new Error(
        "Optical flow is estimated by OpenCV, which is not installed: npm install --include=optional, or wire flow that is known.",
      );
    }
    return { cv: await module };
  })();
  return loading;
}

/** [2, H, W]: right and down, in pixels. */
export async function opticalFlow({ from, to, width, height }: FlowPair): Promise<Float32Array> {
  const { cv } = await loadOpenCv();
  const { scale, levels, window, iterations, neighbours, sigma } = PARAMETERS;
  const [first, second] = [from, to].map((data) => cv.matFromArray(height, width, cv.CV_8UC1, [...data]));
  const flow = new cv.Mat();
  try {
    if (first === undefined || second === undefined) throw new Error("no pictures");
    cv.calcOpticalFlowFarneback(first, second, flow, scale, levels, window, iterations, neighbours, sigma, 0);
    const interleaved = flow.data32F;
    const plane = width * height;
    return Float32Array.from(
      { length: 2 * plane },
      (_, i) => interleaved[2 * (i % plane) + Math.floor(i / plane)] ?? 0,
    );
  } catch (error) {
    // Exceptions of the C++ side arrive as bare numbers.
    throw error instanceof Error
      ? error
      : new Error(`OpenCV could not estimate the flow of ${width} x ${height} pixels.`);
  } finally {
    for (const each of [first, second, flow]) each?.delete();
  }
}
