/** Writing on the page itself: paragraphs, lists, links, four marks, and fields of the contact as chips. */
import { RichTextEditor } from "@mantine/tiptap";
import "@mantine/tiptap/styles.css";
import { useEditor } from "@tiptap/react";
import { StarterKit } from "@tiptap/starter-kit";
import { useEffect, useRef } from "react";
import { InsertField } from "@/ui/InsertField";
import { QUIET_SIZE } from "./BlockView";
import type { Style } from "./document";
import { useEditing } from "./editing";
import { TokenChip } from "./tokenChip";
import { fromEditorHtml, pieces, toEditorHtml } from "./tokens";
import page from "./Canvas.module.css";
import classes from "./RichText.module.css";

interface RichTextProps {
  html: string;
  /** What is written, for screen readers. */
  name: string;
  style: Style;
  isSmall: boolean;
  onChange: (html: string) => void;
}

export function RichText({ html, name, style, isSmall, onChange }: RichTextProps) {
  const { fields, labelOf } = useEditing();
  const written = useRef(html);
  const editor = useEditor({
    extensions: [
      StarterKit.configure({
        blockquote: false,
        code: false,
        codeBlock: false,
        heading: false,
        horizontalRule: false,
        link: { openOnClick: false, protocols: ["mailto", "tel"], HTMLAttributes: { target: null, rel: null } },
      }),
      TokenChip.configure({ labelOf }),
    ],
    content: toEditorHtml(html),
    editorProps: { attributes: { "aria-label": name, role: "textbox", "aria-multiline": "true" } },
    onUpdate: ({ editor: changed }) => {
      written.current = fromEditorHtml(changed.getHTML());
      onChange(written.current);
    },
  });

  // Undo, or somebody else, has changed what stands here.
  useEffect(() => {
    if (html === written.current) return;
    written.current = html;
    editor.commands.setContent(toEditorHtml(html), { emitUpdate: false });
  }, [editor, html]);

  const insert = (liquid: string) =>
    editor
      .chain()
      .focus()
      .insertContent(pieces(liquid).map((piece) => (piece.kind === "text" ? { type: "text", text: piece.text } : { type: "token", attrs: { liquid: piece.liquid } })))
      .run();
  return (
    <RichTextEditor editor={editor} className={classes["writing"] ?? ""} withTypographyStyles={false}>
      <RichTextEditor.Toolbar className={classes["tools"] ?? ""}>
        <RichTextEditor.ControlsGroup>
          <RichTextEditor.Bold />
          <RichTextEditor.Italic />
          <RichTextEditor.Underline />
          <RichTextEditor.Strikethrough />
        </RichTextEditor.ControlsGroup>
        <RichTextEditor.ControlsGroup>
          <RichTextEditor.BulletList />
          <RichTextEditor.OrderedList />
        </RichTextEditor.ControlsGroup>
        <RichTextEditor.ControlsGroup>
          <RichTextEditor.Link />
          <RichTextEditor.Unlink />
        </RichTextEditor.ControlsGroup>
        <InsertField fields={fields} name={`Insert field into the ${name.toLowerCase()}`} isSmall onInsert={insert} />
      </RichTextEditor.Toolbar>
      <RichTextEditor.Content
        className={`${classes["text"] ?? ""} ${page["content"] ?? ""} ${page["rich"] ?? ""}`}
        style={{ "--link-color": style.link_color, ...(isSmall ? { fontSize: QUIET_SIZE } : {}) }}
      />
    </RichTextEditor>
  );
}
