export const search = {
  title: "Search everything",
  label: "Search nodes, commands, templates, graphs, runs, settings and help",
  placeholder: "Search nodes, commands, templates, runs, help…",
  found: "Found",
  nothing: "Nothing is called that. Try a shorter word.",
  recent: "Recent",
  close: "Close",
  kinds: {
    command: { title: "Commands", hint: "commands" },
    node: { title: "In this graph", hint: "this graph" },
    add: { title: "Add a node", hint: "add a node" },
    template: { title: "Templates", hint: "graphs" },
    graph: { title: "Saved graphs", hint: "graphs" },
    run: { title: "Runs", hint: "runs" },
    setting: { title: "Settings", hint: "settings" },
    help: { title: "Help", hint: "help" },
  },
};
