/** Templates: found, saved with versions, compared, brought back; and the library. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { StepEdits } from "./edits";
import type { Template, TemplateCategory, TemplateChannel, TemplateContent } from "./types";

export interface TemplateWish {
  search: string;
  channel?: TemplateChannel | undefined;
  category?: TemplateCategory | undefined;
  archived: boolean;
}

export type TemplateEdit = Partial<Pick<Template, "name" | "category" | "preheader" | "body" | "email">> & { subject?: string; note?: string };

const PAGE = 24;
const VERSIONS = 20;

const path = (id: string) => ({ params: { path: { template_id: id } } });

/** Without a connection what was pressed fails and says so, instead of waiting unseen. */
const toldAtOnce = { networkMode: "always" } as const;

export const useTemplates = ({ search, channel, category, archived }: TemplateWish, isWanted = true) =>
  useInfiniteQuery({
    queryKey: ["templates", search, channel, category, archived],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/api/v1/templates", {
          params: { query: { search, archived, ...(channel && { channel }), ...(category && { category }), after: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    enabled: isWanted,
  });

export const useTemplateLibrary = (isWanted = true) =>
  useQuery({
    queryKey: ["template library"],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/template-library", { signal })),
    staleTime: Infinity,
    enabled: isWanted,
  });

export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: ["template", id],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/templates/{template_id}", { ...path(id), signal })),
  });

export const useTemplate = (id: string) => useQuery(templateQuery(id));

/** Asked again whenever there is a newer version. */
export const useTemplateVersions = ({ id, version }: Pick<Template, "id" | "version">) =>
  useInfiniteQuery({
    queryKey: ["template versions", id, version],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/api/v1/templates/{template_id}/versions", {
          params: { path: { template_id: id }, query: { before: pageParam, limit: VERSIONS } },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

/** What a version never changes to: asked for once. */
export const useTemplateDifference = (id: string, version: number, to: number) =>
  useQuery({
    queryKey: ["template difference", id, version, to],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/api/v1/templates/{template_id}/versions/{version}/difference", {
          params: { path: { template_id: id, version }, query: { to } },
          signal,
        }),
      ),
    staleTime: Infinity,
  });

function remember(cache: QueryClient, template: Template) {
  cache.setQueryData(templateQuery(template.id).queryKey, template);
  void cache.invalidateQueries({ queryKey: ["templates"] });
}

function useSaving<Input>(act: (input: Input) => Promise<Template>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: act, onSuccess: (template) => remember(cache, template), ...toldAtOnce });
}

const nothingYet = { channel: "sms", category: "other", preheader: "", body: "", note: "" } as const;

export const useCreateTemplate = () =>
  useSaving((body: { name: string; category: TemplateCategory } & TemplateContent) => answerOf(api.POST("/api/v1/templates", { body: { ...nothingYet, ...body } })));

export const useTakeFromLibrary = () =>
  useSaving((key: string) => answerOf(api.POST("/api/v1/templates", { body: { ...nothingYet, from_library: key } })));

export const useChangeTemplate = (id: string) =>
  useSaving((body: TemplateEdit & { version: number }) => answerOf(api.PATCH("/api/v1/templates/{template_id}", { ...path(id), body: { note: "", ...body } })));

export const useDuplicateTemplate = () =>
  useSaving((id: string) => answerOf(api.POST("/api/v1/templates/{template_id}/duplicate", { ...path(id), body: {} })));

export const useArchiveTemplate = () =>
  useSaving(({ id, archived }: { id: string; archived: boolean }) =>
    answerOf(archived ? api.POST("/api/v1/templates/{template_id}/archive", path(id)) : api.POST("/api/v1/templates/{template_id}/unarchive", path(id))),
  );

export const useRestoreTemplate = (id: string) =>
  useSaving((body: { version: number; if_version: number }) => answerOf(api.POST("/api/v1/templates/{template_id}/restore", { ...path(id), body })));

/** What a template is for the step of a broadcast; without a text of its own the text part is made from the email. */
export function inStep({ channel, subject, preheader, body, email }: TemplateContent): StepEdits {
  if (channel === "sms") return { body };
  if (email === null) return { subject: subject ?? "", preheader, email: { kind: "html", html: body }, text_part: null };
  return { subject: subject ?? "", preheader, email, text_part: body === "" ? null : body };
}

/** A draft whose message begins as this template. */
export function useBroadcastWith() {
  const cache = useQueryClient();
  return useMutation({
    ...toldAtOnce,
    mutationFn: async (template: TemplateContent & Pick<Template, "name">) => {
      const { name, channel } = template;
      const { id, version, steps } = await answerOf(api.POST("/api/v1/broadcasts", { body: { name, broadcast_type: channel } }));
      const draft = { broadcast_id: id };
      try {
        return await answerOf(
          api.PATCH("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}", {
            params: { path: { ...draft, step_id: steps[0]?.id ?? "" } },
            body: { version, ...inStep(template) },
          }),
        );
      } catch (error) {
        // A draft without its message is of no use to anybody.
        await answerOf(api.DELETE("/api/v1/broadcasts/{broadcast_id}", { params: { path: draft } })).catch(() => undefined);
        throw error;
      }
    },
    onSuccess: (broadcast) => {
      cache.setQueryData(["broadcast", broadcast.id], broadcast);
      void cache.invalidateQueries({ queryKey: ["broadcasts"] });
    },
  });
}
