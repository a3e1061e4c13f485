/** What an upload of images may cost. Every limit is checked before the memory or the disk is spent. */
export interface IngestLimits {
  /** Size of the zip file itself. */
  zipBytes: number;
  /** Entries of a zip, or files below a folder. */
  entries: number;
  /** One file, unpacked. */
  fileBytes: number;
  /** All files together, unpacked. */
  totalBytes: number;
  /** Unpacked over packed size of one entry above 1 MB; ordinary pictures stay below 20. */
  ratio: number;
  /** Pixels of one picture before it is resized. */
  imagePixels: number;
  /** Pixels of all pictures together before they are resized. */
  totalPixels: number;
  /** The prepared file of resized pictures. */
  outputBytes: number;
  /** One caption file. */
  captionBytes: number;
  /** One SVG, whose cost grows with its text. */
  svgBytes: number;
  /** Folders inside folders. */
  depth: number;
}

export const defaultLimits: IngestLimits = {
  zipBytes: 1_000_000_000,
  entries: 100_000,
  fileBytes: 64_000_000,
  totalBytes: 4_000_000_000,
  ratio: 100,
  imagePixels: 50_000_000,
  totalPixels: 20_000_000_000,
  outputBytes: 1_000_000_000,
  captionBytes: 4_000,
  svgBytes: 1_000_000,
  depth: 16,
};

/** Why one file was left out. */
export interface Skipped {
  path: string;
  reason: string;
}

/** Unusable input as a whole; the message is for the person who sent it. */
export class IngestError extends Error {
  override name = "IngestError";
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
