import type { Messages } from "..";

export const formula: Messages["formula"] = {
  label: "公式",
  title: "训练目标",
  copy: "复制为文本",
};
