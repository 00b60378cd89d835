/** The options of headings, buttons, columns, spaces and people's own HTML. */
import { Input, NumberInput, SegmentedControl, Slider, Switch, Text, Textarea } from "@mantine/core";
import { MOST_COLUMNS, type ButtonBlock, type ColumnsBlock, type HeadingBlock, type HtmlBlock, type SpacerBlock } from "./document";
import { withColumns } from "./edit";
import { useEditing } from "./editing";
import { AlignField, ColorField, PlainField } from "./fields";

const levels = [
  { value: "1", label: "Large" },
  { value: "2", label: "Medium" },
  { value: "3", label: "Small" },
];

export function HeadingOptions({ block }: { block: HeadingBlock }) {
  const { change, fields } = useEditing();
  return (
    <>
      <PlainField label="Heading" isLong fields={fields} value={block.text} onChange={(text) => change(block.id, { text }, "text")} />
      <Input.Wrapper label="Size" labelElement="div">
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label="Size"
          data={levels}
          value={String(block.level)}
          onChange={(level) => change(block.id, { level: level === "1" ? 1 : level === "2" ? 2 : 3 })}
        />
      </Input.Wrapper>
      <AlignField value={block.align} onChange={(align) => change(block.id, { align })} />
    </>
  );
}

export function ButtonOptions({ block }: { block: ButtonBlock }) {
  const { change, fields, document } = useEditing();
  const { style } = document;
  return (
    <>
      <PlainField label="Words on the button" longest={200} fields={fields} value={block.label} onChange={(label) => change(block.id, { label }, "label")} />
      <PlainField label="Opens" placeholder="https://" fields={fields} value={block.href} onChange={(href) => change(block.id, { href: href.trim() }, "href")} />
      <Switch label="As wide as the email" checked={block.full_width} onChange={(event) => change(block.id, { full_width: event.currentTarget.checked })} />
      {!block.full_width && <AlignField value={block.align} onChange={(align) => change(block.id, { align })} />}
      <ColorField
        label="Colour"
        value={block.color}
        inherited={style.button_color}
        onChange={(color) => change(block.id, { color }, "color")}
        onReset={() => change(block.id, { color: null })}
      />
      <ColorField
        label="Colour of the words"
        value={block.text_color}
        inherited={style.button_text_color}
        onChange={(color) => change(block.id, { text_color: color }, "text color")}
        onReset={() => change(block.id, { text_color: null })}
      />
    </>
  );
}

const NARROWEST = 10;

export function ColumnsOptions({ block }: { block: ColumnsBlock }) {
  const { change } = useEditing();
  const { columns } = block;
  const rest = (index: number) => 100 - columns.reduce((sum, { width }, each) => (each === index || each === columns.length - 1 ? sum : sum + width), 0);
  /** What one column gains, the last one loses. */
  const widen = (index: number, width: number) => {
    const left = rest(index) - width;
    change(block.id, { columns: columns.map((column, each) => ({ ...column, width: each === index ? width : each === columns.length - 1 ? left : column.width })) }, `width ${index}`);
  };
  return (
    <>
      <Input.Wrapper label="Columns" labelElement="div">
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label="Columns"
          data={Array.from({ length: MOST_COLUMNS - 1 }, (_, index) => String(index + 2))}
          value={String(columns.length)}
          onChange={(number) => change(block.id, { columns: withColumns(columns, Number(number)) })}
        />
      </Input.Wrapper>
      {columns.slice(0, -1).map(({ width }, index) => (
        <NumberInput
          key={index}
          label={`Width of column ${index + 1}`}
          suffix=" %"
          min={NARROWEST}
          max={rest(index) - NARROWEST}
          clampBehavior="strict"
          allowDecimal={false}
          value={width}
          onChange={(value) => typeof value === "number" && value >= NARROWEST && widen(index, value)}
        />
      ))}
      <Text size="xs" c="dimmed">
        On phones the columns stand one below the other.
      </Text>
    </>
  );
}

export function SpacerOptions({ block }: { block: SpacerBlock }) {
  const { change } = useEditing();
  return (
    <Input.Wrapper label="Height" labelElement="div">
      <Slider
        min={4}
        max={120}
        step={4}
        label={(height) => `${height} px`}
        thumbLabel="Height in pixels"
        value={block.height}
        onChange={(height) => change(block.id, { height }, "height")}
      />
    </Input.Wrapper>
  );
}

export function HtmlOptions({ block }: { block: HtmlBlock }) {
  const { change } = useEditing();
  return (
    <Textarea
      label="HTML"
      description="Scripts and forms are taken out. The preview shows it as it will look."
      autosize
      minRows={6}
      maxRows={16}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      spellCheck={false}
      value={block.html}
      onChange={(event) => change(block.id, { html: event.currentTarget.value }, "html")}
    />
  );
}
