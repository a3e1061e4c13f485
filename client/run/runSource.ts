/** Where a run's pictures come from: the server that made them, a share link, or the file they were recorded in. */
export interface RunSource {
  image(seq: number): Promise<Blob>;
  /** Raw values, row-major float32. */
  values(seq: number): Promise<Float32Array>;
  /** A clip as a file that plays; absent where nobody can make one. */
  clip?(seq: number, format: ClipFormat, framesPerSecond: number): Promise<Blob>;
  /** A sample's trajectories over the training, as a picture that plays; absent where nobody can make one. */
  film?(viewer: string, sample: number, format: "webp" | "gif"): Promise<Blob>;
}
export type ClipFormat = "gif" | "webp" | "mp4";
