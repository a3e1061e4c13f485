export const formula = {
  label: "Formula",
  title: "What is trained",
  copy: "Copy as text",
};
