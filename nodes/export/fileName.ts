import { z } from "zod";

/** A plain file name (no folders) with a fixed extension: it is joined to the run's output folder. */
export const fileNameParam = (initial: string, extension: `.${string}`) =>
  z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "only letters, digits and _ . - are allowed in a file name")
    .refine((name) => name.endsWith(extension), `must end in ${extension}`)
    .default(initial)
    .meta({ title: "File name", description: `Name of the artifact, ending in ${extension}.` });
