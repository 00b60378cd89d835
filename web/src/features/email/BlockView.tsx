/** A block as the email will show it, near to what is sent. */
import { memo, type CSSProperties, type ReactNode } from "react";
import { networkNames, type Block, type Style } from "./document";
import { richNodes, withChips } from "./richNodes";
import type { TokenLabel } from "./tokens";
import classes from "./Canvas.module.css";

export const LINE = "#dddddd";
const QUIET = "#666666";
const headingSizes = { 1: 28, 2: 22, 3: 18 };

export const fonts: Record<Style["font"], string> = {
  sans: "Arial, Helvetica, sans-serif",
  serif: "Georgia, 'Times New Roman', serif",
  mono: "'Courier New', Courier, monospace",
};

/** Where a block has nothing yet, what it is for; it is never sent. */
function Hint({ children }: { children: ReactNode }) {
  return <span className={classes["hint"]}>{children}</span>;
}

interface BlockViewProps {
  block: Exclude<Block, { type: "columns" }>;
  style: Style;
  labelOf: TokenLabel;
}

/** Drawn anew only when it changes itself: a long email is written in as fast as a short one. */
export const BlockView = memo(function BlockView({ block, style, labelOf }: BlockViewProps) {
  switch (block.type) {
    case "heading":
      return (
        <div className={classes["content"]} style={{ textAlign: block.align, fontSize: headingSizes[block.level], lineHeight: 1.25, fontWeight: "bold", whiteSpace: "pre-line" }}>
          {block.text === "" ? <Hint>Heading</Hint> : withChips(block.text, labelOf)}
        </div>
      );
    case "text":
      return (
        <div className={`${classes["content"] ?? ""} ${classes["rich"] ?? ""}`} style={{ textAlign: block.align }}>
          {block.html === "" ? <Hint>Write a text</Hint> : richNodes(block.html, labelOf, style.link_color)}
        </div>
      );
    case "image":
      return (
        <div className={classes["content"]} style={{ textAlign: block.align }}>
          {block.src === "" ? <div className={classes["noPicture"]}>Choose a picture</div> : <img src={block.src} alt={block.alt} style={{ width: `${block.width}%` }} />}
        </div>
      );
    case "button":
      return (
        <div className={classes["content"]} style={{ textAlign: block.align }}>
          <span
            className={classes["button"]}
            style={{
              background: block.color ?? style.button_color,
              color: block.text_color ?? style.button_text_color,
              width: block.full_width ? "100%" : undefined,
            }}
          >
            {block.label === "" ? "Button" : withChips(block.label, labelOf)}
          </span>
        </div>
      );
    case "divider":
      return (
        <div className={classes["content"]} style={{ paddingBlock: 12 }}>
          <div style={{ borderBlockStart: `1px solid ${block.color ?? LINE}` }} />
        </div>
      );
    case "spacer":
      return <div style={{ height: block.height }} />;
    case "social":
      return (
        <div className={classes["content"]} style={{ textAlign: block.align }}>
          {block.links.length === 0 && <Hint>Social links</Hint>}
          {block.links.map(({ network }, index) => (
            <span key={index}>
              {index > 0 && " · "}
              <span style={{ color: style.link_color, textDecoration: "underline" }}>{networkNames[network]}</span>
            </span>
          ))}
        </div>
      );
    case "html":
      return (
        <div className={classes["content"]}>
          <pre className={classes["code"]}>{block.html.trim() === "" ? "Your own HTML" : block.html.trim().split("\n").slice(0, 4).join("\n")}</pre>
        </div>
      );
    case "footer":
      return (
        <div className={`${classes["content"] ?? ""} ${classes["rich"] ?? ""}`} style={{ ...footerLook, textAlign: block.align }}>
          {richNodes(block.html, labelOf, style.link_color)}
          <FooterEnd linkColor={style.link_color} />
        </div>
      );
  }
});

export const QUIET_SIZE = 13;
export const footerLook: CSSProperties = { fontSize: QUIET_SIZE, color: QUIET };

/** What ends each email by itself. */
export function FooterEnd({ linkColor }: { linkColor: string }) {
  const link = { color: linkColor, textDecoration: "underline" };
  return (
    <p>
      <Hint>Your company and postal address</Hint>
      <br />
      <span style={link}>Unsubscribe</span> · <span style={link}>Preferences</span>
    </p>
  );
}
