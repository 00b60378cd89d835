/** A picture: which, what it shows for those who do not see it, how wide, and what it opens. */
import { Button, Group, Input, Slider, TextInput } from "@mantine/core";
import { IconPhoto } from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { ImageBlock } from "./document";
import { useEditing } from "./editing";
import { AlignField, PlainField } from "./fields";
import { ImagePicker } from "./ImagePicker";

export function ImageOptions({ block }: { block: ImageBlock }) {
  const { change, fields } = useEditing();
  const [isPicking, setPicking] = useState(false);
  const alt = useRef<HTMLInputElement>(null);
  const isAltAsked = block.src !== "" && block.alt.trim() === "";
  return (
    <>
      <Group gap={8}>
        <Button variant={block.src === "" ? "filled" : "default"} leftSection={<IconPhoto size={16} aria-hidden />} onClick={() => setPicking(true)}>
          {block.src === "" ? "Choose a picture" : "Choose another picture"}
        </Button>
      </Group>
      <TextInput
        label="Or the address of a picture"
        placeholder="https://"
        value={block.src}
        onChange={(event) => change(block.id, { src: event.currentTarget.value.trim() }, "src")}
      />
      <TextInput
        ref={alt}
        label="What the picture shows"
        description="Read aloud, and shown where pictures are off. Leave it empty for mere decoration."
        placeholder={isAltAsked ? "Our van in front of a house" : undefined}
        maxLength={500}
        value={block.alt}
        onChange={(event) => change(block.id, { alt: event.currentTarget.value }, "alt")}
      />
      <PlainField label="Opens" placeholder="https:// (nothing)" fields={fields} value={block.href} onChange={(href) => change(block.id, { href: href.trim() }, "href")} />
      <Input.Wrapper label="Width" labelElement="div">
        <Slider
          min={10}
          max={100}
          step={5}
          label={(width) => `${width} %`}
          thumbLabel="Width in percent"
          value={block.width}
          onChange={(width) => change(block.id, { width }, "width")}
        />
      </Input.Wrapper>
      <AlignField value={block.align} onChange={(align) => change(block.id, { align })} />
      <ImagePicker
        isOpen={isPicking}
        onClose={() => setPicking(false)}
        onPick={({ url }) => {
          setPicking(false);
          change(block.id, { src: url });
          // The dialog gives the focus back when it has closed.
          if (block.alt.trim() === "") setTimeout(() => alt.current?.focus(), 0);
        }}
      />
    </>
  );
}
