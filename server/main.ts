import { serve } from "./serve";

process.exit(await serve());
