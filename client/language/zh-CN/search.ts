import type { Messages } from "..";

export const search: Messages["search"] = {
  title: "搜索全部",
  label: "搜索节点、命令、模板、图、运行、设置和帮助",
  placeholder: "搜索节点、命令、模板、运行、帮助…",
  found: "搜索结果",
  nothing: "没有找到。请试试更短的词。",
  recent: "最近使用",
  close: "关闭",
  kinds: {
    command: { title: "命令", hint: "命令" },
    node: { title: "当前图中", hint: "当前图" },
    add: { title: "添加节点", hint: "添加节点" },
    template: { title: "模板", hint: "图" },
    graph: { title: "已保存的图", hint: "图" },
    run: { title: "运行", hint: "运行" },
    setting: { title: "设置", hint: "设置" },
    help: { title: "帮助", hint: "帮助" },
  },
};
