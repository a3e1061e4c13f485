/** Users' own data sets and models: lists, and uploads with progress. */
import { modelInfoSchema } from "@distillery/shared/graph/modelInfo";
import { problemSchema } from "@distillery/shared/protocol/rest";
import { z } from "zod";
import { say } from "../language";
import { accessToken } from "./accessToken";
import { ApiError, offlineError } from "./apiError";
import { parseAnswer, request, send } from "./http";

const words = say.api.upload;

export const datasetInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  size: z.number(),
  /** Of clips; absent where the samples are pictures. */
  frames: z.number().optional(),
  classes: z.array(z.string()),
  count: z.number(),
});
/** What the server made of an upload, and what it left out. */
export const datasetReportSchema = datasetInfoSchema.extend({
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })).default([]),
});
export type DatasetReport = z.infer<typeof datasetReportSchema>;

export const listDatasets = () => request("/api/datasets", z.array(datasetInfoSchema));
export const listModels = () => request("/api/models", z.array(modelInfoSchema));
export const deleteDataset = (id: string) => send(`/api/datasets/${encodeURIComponent(id)}`, { method: "DELETE" });
export const deleteModel = (id: string) => send(`/api/models/${encodeURIComponent(id)}`, { method: "DELETE" });

export interface UploadFile {
  file: File;
  /** Path inside the data set: `class/name.png`. */
  path: string;
}

/** `fetch` does not tell how much was sent; XMLHttpRequest does. */
function upload<T>(
  url: string,
  form: FormData,
  schema: z.ZodType<T>,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", url);
    const token = accessToken();
    if (token) call.setRequestHeader("authorization", `Bearer ${token}`);
    call.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    call.onerror = () => reject(offlineError());
    call.onabort = () => reject(new DOMException(words.stopped, "AbortError"));
    call.onload = () => {
      try {
        const body: unknown = JSON.parse(call.responseText || "null");
        if (call.status >= 200 && call.status < 300) resolve(parseAnswer(schema, body, `POST ${url}`));
        else {
          const problem = problemSchema.safeParse(body);
          reject(
            problem.success
              ? new ApiError(problem.data.detail || problem.data.title, call.status, problem.data.issues)
              : new ApiError(words.failed(call.status), call.status),
          );
        }
      } catch (error) {
        reject(error instanceof ApiError ? error : new ApiError(words.unclear, call.status));
      }
    };
    signal.addEventListener("abort", () => call.abort());
    call.send(form);
  });
}

export interface DatasetSettings {
  name: string;
  /** Side of the prepared pictures, pixels. */
  size: number;
  /** Of a clip; 1 for pictures. */
  frames: number;
  /** `cover` cuts the longer side, `contain` keeps all and pads. */
  fit: "cover" | "contain";
}

export function uploadDataset(
  { name, size, frames, fit }: DatasetSettings,
  files: readonly UploadFile[],
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<DatasetReport> {
  const form = new FormData();
  // Settings go first: the server reads the parts in order.
  form.append("name", name);
  form.append("size", String(size));
  form.append("frames", String(frames));
  form.append("fit", fit);
  for (const { file, path } of files) form.append("files", file, path);
  return upload("/api/datasets", form, datasetReportSchema, onProgress, signal);
}

export function uploadModel(
  name: string,
  file: File,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<z.infer<typeof modelInfoSchema>> {
  const form = new FormData();
  form.append("name", name);
  form.append("file", file, file.name);
  return upload("/api/models", form, modelInfoSchema, onProgress, signal);
}
