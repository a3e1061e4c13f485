/** Names that this server gives away. */
import { randomBytes } from "node:crypto";

const LETTERS = "0123456789abcdefghjkmnpqrstvwxyz";

/** `length` random characters of a 32-letter alphabet without look-alikes: 5 bits each. */
export const randomId = (length: number): string =>
  Array.from(randomBytes(length), (byte) => LETTERS[byte & 31]).join("");

/** 60 bits: unique here. */
export const newId = (): string => randomId(12);
/** 100 bits: cannot be guessed, so knowing it is the permission to read. */
export const newSlug = (): string => randomId(20);

/** What an id in an address may look like. */
export const ID_PATTERN = /^[0-9a-z]{1,64}$/;
