/** An e-mail of blocks as it will look, for reading: nothing in it can be pressed, and nothing is loaded from the web. */
import { Fragment, type CSSProperties, type ReactNode } from "react";
import { colourOr, styleOf, topBlocks, wordsIn, type Block, type MailStyle } from "@/lib/emailDocument";
import { asRead } from "@/lib/templates";
import classes from "./MailBlocks.module.css";

type Align = "left" | "center" | "right";

const alignOf = ({ own }: Block): Align => (own["align"] === "center" || own["align"] === "right" ? own["align"] : "left");

const plain = new Set(["p", "ul", "ol", "li", "strong", "em", "b", "i", "u", "br"]);

/** Rich text as elements of ours: of its markup only what is known, of its attributes none. */
function rich(nodes: Iterable<Node>, style: MailStyle): ReactNode[] {
  return [...nodes].map((node, index) => {
    if (node instanceof Text) return <Fragment key={index}>{asRead(node.data)}</Fragment>;
    if (!(node instanceof Element)) return null;
    const name = node.tagName.toLowerCase();
    if (name === "script" || name === "style") return null;
    const inside = rich(node.childNodes, style);
    if (name === "br") return <br key={index} />;
    if (name === "a") {
      return (
        <span key={index} className={classes["link"]} style={{ color: style.link }}>
          {inside}
        </span>
      );
    }
    if (!plain.has(name)) return <Fragment key={index}>{inside}</Fragment>;
    const Tag = name as "p";
    return <Tag key={index}>{inside}</Tag>;
  });
}

function Rich({ html, align, style }: { html: string; align: Align; style: MailStyle }) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return (
    <div className={classes["text"]} style={{ textAlign: align }}>
      {rich(body.childNodes, style)}
    </div>
  );
}

function One({ block, style }: { block: Block; style: MailStyle }) {
  const { type, own, columns } = block;
  const align = alignOf(block);
  switch (type) {
    case "heading":
      return (
        <div className={classes["heading"]} data-level={typeof own["level"] === "number" ? own["level"] : 1} style={{ textAlign: align }}>
          {asRead(wordsIn(own["text"]))}
        </div>
      );
    case "text":
      return <Rich html={wordsIn(own["html"])} align={align} style={style} />;
    case "footer":
      return (
        <div className={classes["footer"]}>
          <Rich html={wordsIn(own["html"])} align={align} style={style} />
        </div>
      );
    case "button": {
      const look: CSSProperties = { background: colourOr(own["color"], style.button), color: colourOr(own["text_color"], style.buttonText) };
      return (
        <div style={{ textAlign: align }}>
          <span className={classes["button"]} data-wide={own["full_width"] === true || undefined} style={look}>
            {asRead(wordsIn(own["label"]))}
          </span>
        </div>
      );
    }
    case "columns":
      return (
        <div className={classes["columns"]} style={{ gridTemplateColumns: columns.map(({ width }) => `minmax(0, ${width || 1}fr)`).join(" ") }}>
          {columns.map(({ blocks }, index) => (
            <div key={index}>
              <Blocks blocks={blocks} style={style} />
            </div>
          ))}
        </div>
      );
    case "image":
      return <div className={classes["image"]}>{wordsIn(own["alt"]) || "Image"}</div>;
    case "divider":
      return <div className={classes["divider"]} style={{ borderColor: colourOr(own["color"], "#dddddd") }} />;
    case "spacer":
      return <div style={{ height: typeof own["height"] === "number" ? Math.min(own["height"], 200) : 16 }} />;
    case "social":
      return (
        <div style={{ textAlign: align, color: style.link }}>
          {(Array.isArray(own["links"]) ? (own["links"] as { network?: unknown }[]) : []).map(({ network }) => wordsIn(network)).join(" · ")}
        </div>
      );
    default:
      return null;
  }
}

const Blocks = ({ blocks, style }: { blocks: Block[]; style: MailStyle }) => blocks.map((each) => <One key={each.id} block={each} style={style} />);

export function MailBlocks({ document }: { document: unknown }) {
  const style = styleOf(document);
  return (
    <div className={classes["mail"]} data-serif={style.isSerif || undefined} style={{ background: style.background }}>
      <div className={classes["content"]} style={{ background: style.content, color: style.text }}>
        <Blocks blocks={topBlocks(document)} style={style} />
      </div>
    </div>
  );
}
