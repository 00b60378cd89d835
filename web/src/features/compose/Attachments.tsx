/** The files that go along with a step's email: dropped or chosen, with their sum and its limit. */
import { ActionIcon, Button, FileButton, Loader, Progress, Text, Title, VisuallyHidden } from "@mantine/core";
import { IconFile, IconPaperclip, IconTrash } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from "react";
import { useRemoveStepFile, useStepFiles, useUploadStepFile } from "@/api/files";
import { hasBegun } from "@/api/ofStep";
import { inWords } from "@/api/problem";
import type { StepFile } from "@/api/types";
import { useDraft } from "@/api/useDraft";
import { sizeWord, whyNotFile, type Room } from "@/lib/fileLimits";
import { Notice } from "@/ui/Notice";
import classes from "./Attachments.module.css";

export function Attachments() {
  const { broadcast, step } = useDraft();
  const place = { broadcast: broadcast.id, step: step.id };
  const { data, error } = useStepFiles(place);
  const isReadOnly = hasBegun(step) || (broadcast.status !== "draft" && step.send_mode === "now") || broadcast.status === "cancelled";
  if (error !== null && data === undefined) {
    return (
      <Notice kind="bad">
        The attachments cannot be shown. {inWords(error)}
      </Notice>
    );
  }
  if (data === undefined || (isReadOnly && data.files.length === 0)) return null;
  return <Files place={place} room={data} files={data.files} isReadOnly={isReadOnly} />;
}

interface FilesProps {
  place: { broadcast: string; step: string };
  room: Room;
  files: StepFile[];
  isReadOnly: boolean;
}

function Files({ place, room, files, isReadOnly }: FilesProps) {
  const upload = useUploadStepFile(place);
  const remove = useRemoveStepFile(place);
  const [coming, setComing] = useState<string | null>(null);
  const [problems, setProblems] = useState<string[]>([]);
  const [spoken, setSpoken] = useState("");
  const choose = useRef<HTMLButtonElement>(null);
  const isFull = files.length >= room.most_files;

  const take = async (given: File[]) => {
    if (given.length === 0 || coming !== null) return;
    const refused: string[] = [];
    let now: Room = room;
    for (const file of given) {
      const problem = whyNotFile(file, now);
      if (problem !== undefined) {
        refused.push(problem);
        continue;
      }
      setComing(file.name);
      try {
        const { bytes } = await upload.mutateAsync(file);
        now = { ...now, files: [...now.files, { bytes }], bytes: now.bytes + bytes };
        setSpoken(`${file.name} is attached.`);
      } catch (error) {
        refused.push(inWords(error));
      }
    }
    setComing(null);
    setProblems(refused);
  };

  const takeOut = (file: StepFile) =>
    remove.mutate(file.id, {
      onSuccess: () => {
        setProblems([]);
        setSpoken(`${file.name} was removed.`);
        // The button that was pressed is gone with its row.
        choose.current?.focus();
      },
      onError: (error) => setProblems([inWords(error)]),
    });

  const isOneOfTwo = useDraft().step.channel === "sms_email";
  return (
    <section aria-label="Attachments" className={classes["files"]}>
      <div className={classes["head"]}>
        {/* Below "Email" where that is one of two. */}
        <Title order={isOneOfTwo ? 3 : 2} size="1rem">
          Attachments
        </Title>
        <Text size="sm" c="dimmed" className="figure">
          {files.length === 0 ? `Up to ${room.most_files} files, ${sizeWord(room.most_bytes)} together` : `${sizeWord(room.bytes)} of ${sizeWord(room.most_bytes)} · ${files.length} of ${room.most_files} files`}
        </Text>
      </div>
      {files.length > 0 && (
        <>
          <Progress size="xs" value={Math.min(100, (room.bytes / room.most_bytes) * 100)} aria-label={`${sizeWord(room.bytes)} of ${sizeWord(room.most_bytes)} used`} />
          <ul className={classes["list"]}>
            {files.map((file) => (
              <li key={file.id} className={classes["file"]}>
                <IconFile size={18} stroke={1.5} aria-hidden className={classes["icon"]} />
                <span className={classes["name"]}>{file.name}</span>
                <span className={`${classes["size"]} figure`}>{sizeWord(file.bytes)}</span>
                {!isReadOnly && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size={44}
                    aria-label={`Remove ${file.name}`}
                    title="Remove"
                    loading={remove.isPending && remove.variables === file.id}
                    onClick={() => takeOut(file)}
                  >
                    <IconTrash size={18} aria-hidden />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
      {!isReadOnly && (
        <DropZone onFiles={(given) => void take(given)}>
          <FileButton onChange={(chosen) => void take(chosen)} multiple>
            {(props) => (
              <Button {...props} ref={choose} variant="default" leftSection={<IconPaperclip size={16} aria-hidden />} disabled={isFull || coming !== null}>
                Attach files
              </Button>
            )}
          </FileButton>
          {coming === null ? (
            <Text size="sm" c="dimmed">
              {isFull ? "An email takes no more files. Remove one to attach another." : "Or drop them here. Everybody gets the same files."}
            </Text>
          ) : (
            <Text size="sm" c="dimmed" style={{ display: "flex", gap: 8, alignItems: "center", minWidth: 0, overflowWrap: "anywhere" }}>
              <Loader size={16} aria-hidden />
              Attaching {coming}…
            </Text>
          )}
        </DropZone>
      )}
      {problems.map((problem) => (
        <Notice key={problem} kind="bad" isAlert>
          {problem}
        </Notice>
      ))}
      <VisuallyHidden role="status">{spoken}</VisuallyHidden>
    </section>
  );
}

function DropZone({ onFiles, children }: { onFiles: (files: File[]) => void; children: ReactNode }) {
  const frame = useRef<HTMLDivElement>(null);
  const [isOver, setOver] = useState(false);
  const take = useEffectEvent((event: DragEvent) => onFiles([...(event.dataTransfer?.files ?? [])]));
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const hover = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    frame.current?.addEventListener("dragover", hover, { signal });
    frame.current?.addEventListener("dragleave", hover, { signal });
    frame.current?.addEventListener(
      "drop",
      (event) => {
        hover(event);
        take(event);
      },
      { signal },
    );
    return () => ending.abort();
  }, []);
  return (
    <div ref={frame} className={classes["drop"]} data-over={isOver || undefined} role="group" aria-label="Attach files">
      {children}
    </div>
  );
}
