/** Liquid as one piece among the letters of a rich text: it is put in, moved and deleted whole. */
import { mergeAttributes, Node } from "@tiptap/react";
import type { TokenLabel } from "./tokens";

interface ChipOptions {
  labelOf: TokenLabel;
}

export const TokenChip = Node.create<ChipOptions>({
  name: "token",
  group: "inline",
  inline: true,
  atom: true,
  addOptions: () => ({ labelOf: (liquid) => liquid }),
  addAttributes: () => ({
    liquid: {
      default: "",
      parseHTML: (element) => element.dataset["liquid"] ?? "",
      renderHTML: ({ liquid }) => ({ "data-liquid": String(liquid) }),
    },
  }),
  parseHTML: () => [{ tag: "span[data-liquid]" }],
  renderHTML({ node, HTMLAttributes }) {
    return ["span", mergeAttributes(HTMLAttributes), this.options.labelOf(String(node.attrs["liquid"]))];
  },
  renderText: ({ node }) => String(node.attrs["liquid"]),
});
