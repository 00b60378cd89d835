/** What holds for the whole email: its width, its letters and its colours. */
import { Input, NumberInput, SegmentedControl, Stack } from "@mantine/core";
import type { Style } from "./document";
import { useEditing } from "./editing";
import { ColorField } from "./fields";

const fonts: { value: Style["font"]; label: string }[] = [
  { value: "sans", label: "Sans" },
  { value: "serif", label: "Serif" },
  { value: "mono", label: "Mono" },
];

type Colour = "background" | "content_background" | "text_color" | "link_color" | "button_color" | "button_text_color";

const colours: { name: Colour; label: string }[] = [
  { name: "background", label: "Around the email" },
  { name: "content_background", label: "Behind the text" },
  { name: "text_color", label: "Text" },
  { name: "link_color", label: "Links" },
  { name: "button_color", label: "Buttons" },
  { name: "button_text_color", label: "Words on buttons" },
];

const NARROWEST = 320;
const WIDEST = 900;

export function StyleOptions() {
  const { document, style: change } = useEditing();
  const { style } = document;
  return (
    <Stack gap={12} role="group" aria-label="Style of the email">
      <Input.Wrapper label="Letters" labelElement="div">
        <SegmentedControl fullWidth size="xs" aria-label="Letters" data={fonts} value={style.font} onChange={(font) => change({ font })} />
      </Input.Wrapper>
      <NumberInput
        label="Width"
        suffix=" px"
        min={NARROWEST}
        max={WIDEST}
        step={20}
        allowDecimal={false}
        value={style.width}
        onChange={(width) => typeof width === "number" && width >= NARROWEST && width <= WIDEST && change({ width }, "width")}
      />
      {colours.map(({ name, label }) => (
        <ColorField key={name} label={label} value={style[name]} onChange={(color) => change({ [name]: color }, name)} />
      ))}
    </Stack>
  );
}
