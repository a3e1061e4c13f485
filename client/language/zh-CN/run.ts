import type { Messages } from "..";

export const run: Messages["run"] = {
  status: {
    queued: "排队中",
    starting: "正在启动",
    running: "运行中",
    paused: "已暂停",
    cancelling: "正在取消",
    done: "已完成",
    failed: "失败",
    cancelled: "已取消",
  },
  noneInView: "没有正在查看的运行。",
  recorded: (status, step, steps, seed, device) =>
    `${status}，${step === steps ? `${steps} 步` : `第 ${step} 步，共 ${steps} 步`}，种子 ${seed}，${device}`,
  failed: "运行失败。",
  log: {
    stage: (place, count, title, begin, end) => `阶段 ${place}/${count}“${title}”：第 ${begin} 至 ${end} 步。`,
    removed: (isTapped, steps, megabytes, isOwnBudget) =>
      `已删除 ${steps} 步的${isTapped ? "探测值" : "图片"}（${megabytes} MB），以不超出${isOwnBudget ? "单次运行" : "全部运行"}的磁盘限额。`,
  },
  notice: {
    untitled: "未命名",
    waiting: "等待中",
    pausedAt: (share) => `已暂停于 ${share}`,
    done: (title) => `${title} 已完成`,
    after: (seconds) => `用时 ${seconds} 秒。`,
    failed: (title) => `${title} 失败`,
  },
  differences: {
    graph: "图",
    seed: "种子",
    node: "节点",
    type: "节点类型",
    mode: "模式",
    wire: "连线",
    wired: "已连接",
  },
  settings: { node: "节点", wired: "有" },
  sweep: {
    none: "请至少给出一个值。",
    numbers: "请输入以逗号分隔的数字。",
    ends: "请给出范围的两端。",
    steps: (most) => `请给出 2 至 ${most} 步。`,
    aboveZero: "对数范围的两端必须大于零。",
  },
};
