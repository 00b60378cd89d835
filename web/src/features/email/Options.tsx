/** What can be chosen for one block. */
import { Stack } from "@mantine/core";
import { LINE } from "./BlockView";
import { blockNames, type Block } from "./document";
import { useEditing } from "./editing";
import { AlignField, ColorField } from "./fields";
import { ButtonOptions, ColumnsOptions, HeadingOptions, HtmlOptions, SpacerOptions } from "./blockOptions";
import { ImageOptions } from "./ImageOptions";
import { SocialOptions } from "./SocialOptions";

export function Options({ block }: { block: Block }) {
  return (
    <Stack gap={12} data-options={block.id} role="group" aria-label={`Options of the ${blockNames[block.type].toLowerCase()}`}>
      <OptionsOf key={block.id} block={block} />
    </Stack>
  );
}

function OptionsOf({ block }: { block: Block }) {
  const { change } = useEditing();
  switch (block.type) {
    case "heading":
      return <HeadingOptions block={block} />;
    case "text":
      return <AlignField value={block.align} onChange={(align) => change(block.id, { align })} />;
    case "footer":
      return (
        <>
          <p style={{ margin: 0 }}>Your postal address and the links to unsubscribe follow by themselves.</p>
          <AlignField value={block.align} onChange={(align) => change(block.id, { align })} />
        </>
      );
    case "image":
      return <ImageOptions block={block} />;
    case "button":
      return <ButtonOptions block={block} />;
    case "columns":
      return <ColumnsOptions block={block} />;
    case "divider":
      return <ColorField label="Colour" value={block.color} inherited={LINE} onChange={(color) => change(block.id, { color }, "color")} onReset={() => change(block.id, { color: null })} />;
    case "spacer":
      return <SpacerOptions block={block} />;
    case "social":
      return <SocialOptions block={block} />;
    case "html":
      return <HtmlOptions block={block} />;
  }
}

