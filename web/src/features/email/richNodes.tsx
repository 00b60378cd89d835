/** Rich text as it looks, made of the few elements that it may have; whatever else stands in the stored HTML is only its text. */
import { createElement, type ReactNode } from "react";
import { pieces, type TokenLabel } from "./tokens";
import classes from "./Canvas.module.css";

const ALLOWED = new Set(["p", "br", "strong", "em", "u", "s", "ul", "ol", "li", "b", "i"]);
const LEFT_OUT = new Set(["script", "style", "template", "head", "title"]);

export function withChips(text: string, labelOf: TokenLabel): ReactNode[] {
  return pieces(text).map((piece, index) =>
    piece.kind === "text" ? (
      piece.text
    ) : (
      <span key={index} className={classes["token"]}>
        {labelOf(piece.liquid)}
      </span>
    ),
  );
}

/** Links have the colour of links and lead nowhere: the page is for writing. */
export function richNodes(html: string, labelOf: TokenLabel, linkColor: string): ReactNode[] {
  const shown = (node: Node, key: number): ReactNode => {
    if (node.nodeType === Node.TEXT_NODE) return <span key={key}>{withChips(node.textContent ?? "", labelOf)}</span>;
    if (!(node instanceof Element)) return null;
    const tag = node.tagName.toLowerCase();
    if (LEFT_OUT.has(tag)) return null;
    if (tag === "br") return <br key={key} />;
    const inside = [...node.childNodes].map(shown);
    if (tag === "a") {
      return (
        <span key={key} style={{ color: linkColor, textDecoration: "underline" }}>
          {inside}
        </span>
      );
    }
    return ALLOWED.has(tag) ? createElement(tag, { key }, ...inside) : <span key={key}>{inside}</span>;
  };
  return [...new DOMParser().parseFromString(html, "text/html").body.childNodes].map(shown);
}
