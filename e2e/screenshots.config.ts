/** `npm run screenshots`: the pictures of the README, taken of real runs. */
import { defineConfig } from "@playwright/test";
import config from "./playwright.config";

export default defineConfig(config, { testMatch: "screenshots.ts", timeout: 600_000, use: { trace: "off" } });
