import type { Messages } from "..";

export const viewer: Messages["viewer"] = {
  sheets: "打开的页",
  recorded: (when) => `记录于 ${when}`,
  node: "节点",
  smaller: "缩小",
  larger: "放大",
  fit: "显示全部",
  theme: "浅色或深色",
  graph: (name) => `图“${name}”。方向键平移，加号和减号缩放，Esc 离开子图。`,
  close: "关闭",
  openPart: "打开此部分",
  unknownNode: "此处不认识这种节点；其参数原样显示。",
  noPicture: "文件中没有此图片。",
  noValues: "文件中没有原始数值。",
};
