import type { Messages } from "..";

export const help: Messages["help"] = {
  title: "帮助",
  types: "节点类型",
  find: "查找节点类型",
  all: "全部帮助",
  missing: {
    title: "没有这种节点类型",
    text: (type) => `此版本的 Distillery 不认识节点类型“${type}”。`,
  },
  start: {
    label: "从这里开始",
    lead: "一张图就是一个训练步：数据变为带噪状态，教师沿自己的路径移动它们，学生学习一跳到达终点。运行时可以查看每一条连线。",
    ways: {
      tour: "用真实的控件，两分钟走完一次完整的蒸馏。",
      search: "一个输入框即可找到节点、命令、模板、运行和帮助。",
      shortcuts: "所有快捷键和鼠标手势。",
      open: "可以从这些图开始：STD 和另外七种方法。",
    },
    partsTitle: "蒸馏的组成部分",
    parts: {
      start: { term: "起点（Start）", text: "给干净样本加噪，送到路径的起点。" },
      bank: {
        term: "轨迹库（Trajectory bank）",
        text: "在步与步之间保存走到一半的路径，让学生在同一条轨迹上遇到每个时间。",
      },
      solver: { term: "求解步（Solver step）", text: "让状态沿教师的路径前进一个网格点。" },
      jump: { term: "跳跃（Jump）", text: "让网络只用一次求值就直接到达更早的时间。" },
      distance: { term: "距离（Distance）", text: "同一条路径上的两次跳跃落到同一点时，它的值就小。" },
      trainer: { term: "训练器（Trainer）", text: "把各项损失之和变为学生的一步。" },
    },
    pages: (key) => `选中一个节点并按 ${key} 可打开它的页面。每个页面都有自己的地址。`,
  },
  article: {
    inputs: "输入",
    outputs: "输出",
    notes: (notes) => notes.join("，"),
    shape: "在当前图中的形状",
    params: "参数",
    initial: "默认值",
    wiring: "如何连线",
    example: (nodes, template) => `${nodes} 个节点，与模板“${template}”中相同。`,
    insert: "插入此示例",
  },
  ranges: {
    number: "数字",
    wholeNumber: "整数",
    between: (noun, min, max, unit) => `${noun}，${min} 至 ${max}${unit}`,
    from: (noun, min, unit) => `${noun}，不小于 ${min}${unit}`,
    upTo: (noun, max, unit) => `${noun}，不大于 ${max}${unit}`,
    onOff: "开或关",
    anyOf: (options) => `可多选：${options.join("、")}`,
    twoNumbers: (unit) => `两个数字${unit}`,
    numbers: "一组数字",
    text: "文本",
  },
};
