import type { Messages } from "..";

const none = "设置快捷键";

export const settings: Messages["settings"] = {
  title: "设置",
  description: "保存在此浏览器中。",
  system: "跟随系统",
  on: "开",
  off: "关",
  language: {
    title: "语言",
    help: "编辑器的语言；更改后页面会重新加载。节点、节点帮助和服务器信息为英文。",
  },
  theme: { title: "主题", help: "浅色、深色，或跟随系统。", light: "浅色", dark: "深色" },
  motion: {
    title: "动效",
    help: "减少：没有滑动和淡入淡出，短片在播放前保持静止。",
    full: "完整",
    reduced: "减少",
  },
  snap: { title: "对齐网格", help: "移动或添加的节点会对齐到网格。" },
  minimap: { title: "小地图", help: "图的一部分在视野之外时，在画布一角显示整张图。" },
  wires: {
    title: "其他连线",
    help: "选中或指向一个节点时，其他连线如何显示。",
    shown: "显示",
    dimmed: "变淡",
    hidden: "隐藏",
  },
  keys: {
    title: "快捷键",
    find: "查找命令",
    resetAll: "全部重置",
    reset: (command) => `重置“${command}”的快捷键`,
    pressNew: (command) => `请按“${command}”的新快捷键；Esc 保持不变，Backspace 删除`,
    press: "请按键…",
    belongsTo: (key, commands) => `${key} 已用于${commands.map((title) => `“${title}”`).join("和")}。`,
    use: "用在这里",
    leave: "保持不变",
    keyOf: (command, keys) => `“${command}”的快捷键：${keys.join("、") || none}`,
    none,
  },
};
