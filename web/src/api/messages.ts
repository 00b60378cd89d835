/** The messages of a broadcast. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { answerOf, api } from "./client";
import type { MessageStatus } from "./types";

/** What has one of these may still become something else. */
const unsettled: MessageStatus[] = ["pending", "sending", "sent", "uncertain"];

const REFRESH_MS = 2_500;
/** The counts know of messages that the list does not show yet. */
const CATCH_UP_MS = 400;
/** More pages than this are not fetched again while somebody reads them. */
const REFRESHED_PAGES = 3;

interface Now {
  isMoving: boolean;
  expected: number;
  /** All numbers of Tracking: when they change for the last time, so does the list. */
  counts: string;
}

export interface MessagesAsked {
  status: MessageStatus[];
  search: string;
  step_id?: string;
  channel?: "sms" | "email";
}

export function useMessages(id: string, asked: MessagesAsked, now: Now) {
  const isWhole = asked.search === "" && asked.step_id === undefined && asked.channel === undefined;
  const messages = useInfiniteQuery({
    queryKey: ["messages", id, asked],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/api/v1/broadcasts/{broadcast_id}/messages", {
          params: { path: { broadcast_id: id }, query: { ...asked, after: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      if (isWhole && now.expected > 0 && pages[0]?.messages.length === 0) return CATCH_UP_MS;
      return now.isMoving && pages.length <= REFRESHED_PAGES ? REFRESH_MS : false;
    },
  });
  const { refetch } = messages;
  const { counts } = now;
  const seen = useRef(counts);
  useEffect(() => {
    if (counts === seen.current) return;
    seen.current = counts;
    if (!now.isMoving) void refetch();
  }, [counts, now.isMoving, refetch]);
  return messages;
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
