import type { Messages } from "..";

export const theme: Messages["theme"] = {
  close: "关闭",
  confirm: {
    delete: "删除",
    keep: "保留",
    label: (verb, what) => `${verb}${what}`,
    question: (verb, what) => `${verb}${what}？`,
  },
};
