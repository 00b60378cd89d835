/** The choice before the first letter: blocks, or HTML of one's own. */
import { Button, Group } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { Empty } from "@/ui/States";

interface StartProps {
  /** The email is HTML of their own. */
  isHtml?: boolean;
  onBlocks: (() => void) | undefined;
  onHtml?: () => void;
}

export function Start({ isHtml = false, onBlocks, onHtml }: StartProps) {
  return (
    <Empty
      icon={IconMail}
      title={isHtml ? "This email is HTML of your own" : "Write the email"}
      action={
        <Group gap={8} justify="center">
          {onBlocks !== undefined && (
            <Button variant={isHtml ? "default" : "filled"} onClick={onBlocks}>
              {isHtml ? "Begin anew with blocks" : "Begin with blocks"}
            </Button>
          )}
          {onHtml !== undefined && (
            <Button variant="default" onClick={onHtml}>
              Paste my own HTML
            </Button>
          )}
        </Group>
      }
    >
      {isHtml ? "It is changed under HTML. Blocks take its place; undo brings it back." : "Headings, texts, pictures and buttons are put together like building blocks."}
    </Empty>
  );
}
