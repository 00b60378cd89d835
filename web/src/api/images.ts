/** Pictures for mails, kept by Clarion. */
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { StoredImage } from "./types";

const IMAGES = ["images"];

export const useImages = (isOpen: boolean) =>
  useInfiniteQuery({
    queryKey: IMAGES,
    queryFn: ({ pageParam, signal }) => answerOf(api.GET("/api/v1/images", { params: { query: { after: pageParam, limit: 24 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: isOpen,
  });

async function upload(file: File): Promise<StoredImage> {
  const form = new FormData();
  form.append("file", file);
  // The generator knows a file as text; what is sent is the form.
  return answerOf(api.POST("/api/v1/images", { body: { file: "" }, bodySerializer: () => form }));
}

export function useUpload() {
  const cache = useQueryClient();
  return useMutation({ mutationFn: upload, onSuccess: () => cache.invalidateQueries({ queryKey: IMAGES }) });
}

export function useDeleteImage() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answerOf(api.DELETE("/api/v1/images/{image_id}", { params: { path: { image_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: IMAGES }),
  });
}
