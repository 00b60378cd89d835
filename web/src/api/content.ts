/** What is to say about a text while somebody writes it. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client";

/** `replaced` leaves emoji out where the text holds any. */
export const useSmsCheck = (body: string, isWanted: boolean) =>
  useQuery({
    queryKey: ["content", "sms", body],
    queryFn: ({ signal }) => answerOf(api.POST("/api/v1/content/sms/check", { body: { body, without_emoji: /\p{Extended_Pictographic}/u.test(body) }, signal })),
    enabled: isWanted,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
