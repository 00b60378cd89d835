/** The messages of a broadcast. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { MessageStatus } from "./types";

/** What has one of these may still become something else. */
const unsettled: MessageStatus[] = ["pending", "sending", "sent", "uncertain"];

const REFRESH_MS = 2_500;
/** The counts know of messages that the list does not show yet. */
const CATCH_UP_MS = 400;
/** More pages than this are not fetched again while somebody reads them. */
const REFRESHED_PAGES = 3;

export function useMessages(id: string, status: MessageStatus[], search: string, now: { isMoving: boolean; expected: number }) {
  return useInfiniteQuery({
    queryKey: ["messages", id, status, search],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/api/v1/broadcasts/{broadcast_id}/messages", {
          params: { path: { broadcast_id: id }, query: { status, search, after: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      if (search === "" && now.expected > 0 && pages[0]?.messages.length === 0) return CATCH_UP_MS;
      // The last of it may have come after the list was asked for.
      const isOld = pages.some(({ messages }) => messages.some(({ status: last }) => unsettled.includes(last)));
      return (now.isMoving || isOld) && pages.length <= REFRESHED_PAGES ? REFRESH_MS : false;
    },
  });
}

/** What happened to one message, followed until it is settled. */
export const useMessageStory = (id: string, messageId: string) =>
  useQuery({
    queryKey: ["messages", id, "story", messageId],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/api/v1/broadcasts/{broadcast_id}/messages/{message_id}", {
          params: { path: { broadcast_id: id, message_id: messageId } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data !== undefined && unsettled.includes(state.data.message.status) ? REFRESH_MS : false),
  });
