import type { Messages } from "..";

export const api: Messages["api"] = {
  needsToken: "服务器需要访问令牌：请打开它启动时给出的地址。",
  failed: (what, status) => `${what} 失败：服务器返回 ${status}。`,
  offline: "服务器没有响应。您的工作保存在此浏览器中；连接会自动恢复。",
  unclear: (what, why) => `无法理解 ${what} 的响应（${why}）。请重新加载页面。`,
  noBody: "没有内容",
  upload: {
    stopped: "上传已停止。",
    failed: (status) => `上传失败：服务器返回 ${status}。`,
    unclear: "上传的响应不是 JSON。",
  },
};
