/** A picture from this machine (dropped, pasted or chosen), or one that was uploaded before. */
import { ActionIcon, Button, FileButton, Modal, Skeleton, Text } from "@mantine/core";
import { IconTrash, IconUpload } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useState } from "react";
import { useDeleteImage, useImages, useUpload } from "@/api/images";
import { inWords } from "@/api/problem";
import type { StoredImage } from "@/api/types";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Failed } from "@/ui/States";
import classes from "./ImagePicker.module.css";

const KINDS = "image/png,image/jpeg,image/gif,image/webp";
const MOST_BYTES = 5 * 1024 * 1024;

/** Undefined for a file that can be tried; the server looks into it all the same. */
export function whyNot({ type, size }: Pick<File, "type" | "size">): string | undefined {
  if (!KINDS.split(",").includes(type)) return "Choose a PNG, JPEG, GIF or WebP file.";
  if (size > MOST_BYTES) return `The picture has ${(size / 1024 / 1024).toFixed(1)} MB. Make it smaller: 5 MB is the most.`;
  return undefined;
}

interface ImagePickerProps {
  isOpen: boolean;
  onClose: () => void;
  onPick: (image: StoredImage) => void;
}

export function ImagePicker({ isOpen, onClose, onPick }: ImagePickerProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Choose a picture" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      <Uploader onPick={onPick} />
      <Earlier onPick={onPick} />
    </Modal>
  );
}

function Uploader({ onPick }: Pick<ImagePickerProps, "onPick">) {
  const { mutate, isPending, error } = useUpload();
  const [refused, setRefused] = useState<string>();
  const [isOver, setOver] = useState(false);

  const take = (file: File | null | undefined) => {
    if (file === null || file === undefined || isPending) return;
    const problem = whyNot(file);
    setRefused(problem);
    if (problem === undefined) mutate(file, { onSuccess: onPick });
  };
  const onFiles = useEffectEvent((event: Event, files: FileList | undefined) => {
    const file = files?.[0];
    if (file === undefined) return;
    event.preventDefault();
    take(file);
  });
  // On the whole window: a file that misses the frame must not take the place of the app.
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const hover = (event: DragEvent) => {
      event.preventDefault();
      setOver(event.type === "dragover");
    };
    window.addEventListener("paste", (event) => onFiles(event, event.clipboardData?.files), { signal });
    window.addEventListener("dragover", hover, { signal });
    window.addEventListener("dragleave", hover, { signal });
    window.addEventListener("drop", (event) => {
      hover(event);
      onFiles(event, event.dataTransfer?.files);
    }, { signal });
    return () => ending.abort();
  }, []);

  const problem = refused ?? (error === null ? undefined : inWords(error));
  return (
    <>
      <div className={classes["drop"]} data-over={isOver || undefined} role="group" aria-label="Upload a picture">
        <FileButton accept={KINDS} onChange={take}>
          {(props) => (
            <Button {...props} loading={isPending} leftSection={<IconUpload size={16} aria-hidden />} data-autofocus>
              Upload a picture
            </Button>
          )}
        </FileButton>
        <Text size="xs" c="dimmed">
          Or drop it here, or paste it. PNG, JPEG, GIF or WebP, 5 MB at most.
        </Text>
      </div>
      {problem !== undefined && (
        <Notice kind="bad" isAlert>
          {problem}
        </Notice>
      )}
    </>
  );
}

function Earlier({ onPick }: Pick<ImagePickerProps, "onPick">) {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useImages(true);
  const { mutate: remove, error: notRemoved } = useDeleteImage();
  const [asked, setAsked] = useState<string | null>(null);
  if (error !== null && data === undefined) return <Failed error={error} onRetry={() => void refetch()} />;
  const images = data?.pages.flatMap((page) => page.images);
  return (
    <section aria-label="Pictures uploaded before" className={classes["earlier"]}>
      {notRemoved !== null && (
        <Notice kind="bad" isAlert>
          {inWords(notRemoved)}
        </Notice>
      )}
      <ul className={classes["grid"]}>
        {images === undefined
          ? Array.from({ length: 4 }, (_, index) => (
              <li key={index}>
                <Skeleton h={132} />
              </li>
            ))
          : images.map((image) => (
              <li key={image.id} className={classes["tile"]}>
                <button type="button" className={classes["pick"]} onClick={() => onPick(image)}>
                  <span className={classes["frame"]}>
                    <img src={image.url} alt="" loading="lazy" />
                  </span>
                  <span className={classes["name"]}>{image.name}</span>
                  <span className={classes["size"]}>
                    {image.width} × {image.height}
                  </span>
                </button>
                {asked === image.id ? (
                  <Button className={classes["remove"]} size="compact-sm" color="red.9" onClick={() => remove(image.id)}>
                    Delete for good
                  </Button>
                ) : (
                  <ActionIcon className={classes["remove"]} variant="default" size="md" aria-label={`Delete ${image.name}`} title="Delete" onClick={() => setAsked(image.id)}>
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                )}
              </li>
            ))}
      </ul>
      {images?.length === 0 && <Text c="dimmed">Nothing was uploaded yet.</Text>}
      <LoadMore hasMore={hasNextPage} isLoading={isFetchingNextPage} onMore={() => void fetchNextPage()} />
    </section>
  );
}
