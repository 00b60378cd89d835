/** The field of an SMS; characters that make it dear are marked behind the letters. */
import { Textarea } from "@mantine/core";
import { useRef, type RefObject } from "react";
import { runsOf } from "@/lib/places";
import classes from "./MarkedText.module.css";

interface MarkedTextProps {
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  marked: string[];
  isReadOnly: boolean;
  problems: string[];
  onChange: (text: string) => void;
}

export function MarkedText({ area, text, marked, isReadOnly, problems, onChange }: MarkedTextProps) {
  const behind = useRef<HTMLDivElement>(null);
  const follow = () => {
    if (behind.current !== null && area.current !== null) behind.current.scrollTop = area.current.scrollTop;
  };
  return (
    <Textarea
      ref={area}
      label="Message"
      placeholder="Hi {{ first_name }}, …"
      autosize
      minRows={7}
      maxRows={18}
      classNames={{ wrapper: classes["wrapper"] ?? "", input: classes["input"] ?? "", section: classes["behind"] ?? "" }}
      leftSectionPointerEvents="none"
      leftSection={
        <div ref={behind} className={classes["marks"]} aria-hidden data-testid="marks">
          {runsOf(text, marked).map((run, place) => (run.isMarked ? <mark key={place}>{run.text}</mark> : <span key={place}>{run.text}</span>))}
          {/* A last line break would not count otherwise. */}
          {"\u200b"}
        </div>
      }
      readOnly={isReadOnly}
      value={text}
      onScroll={follow}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={problems.length > 0 && problems.map((problem) => <span key={problem} style={{ display: "block" }}>{problem}</span>)}
    />
  );
}
