/** Markdown of notes as HTML that is safe to show: no HTML of its own, no pictures from elsewhere, links in a new tab. */
import MarkdownIt from "markdown-it";

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true });
markdown.disable("image");
markdown.renderer.rules.link_open = (tokens, index, options, _environment, renderer) => {
  const link = tokens[index];
  link?.attrSet("target", "_blank");
  link?.attrSet("rel", "noopener noreferrer nofollow");
  return renderer.renderToken(tokens, index, options);
};

export const renderMarkdown = (text: string): string => markdown.render(text);
