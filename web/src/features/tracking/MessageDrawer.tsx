/** What happened to one message, beside the table; which one is part of the address. */
import { Drawer, Stack, Text, Title } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMessageStory } from "@/api/messages";
import { inWords } from "@/api/problem";
import { useDraft } from "@/api/useDraft";
import { clockSeconds, countOf, day, soon } from "@/lib/format";
import { happenings, type Happening } from "@/lib/story";
import type { MessageStory } from "@/api/types";
import { Phone } from "@/ui/Address";
import { Bubble } from "@/ui/Bubble";
import { Notice } from "@/ui/Notice";
import { Failed, WaitingRows } from "@/ui/States";
import { MessageStatusChip } from "@/ui/Status";
import classes from "./Story.module.css";

export function useOpenMessage() {
  const { message } = useSearch({ from: "/broadcasts/$id/tracking" });
  const navigate = useNavigate({ from: "/broadcasts/$id/tracking" });
  return {
    message: message ?? null,
    openMessage: (id: string | null) => {
      void navigate({ search: (before) => ({ ...before, message: id ?? undefined }), resetScroll: false });
    },
  };
}

export function MessageDrawer() {
  const { message, openMessage } = useOpenMessage();
  return (
    <Drawer opened={message !== null} onClose={() => openMessage(null)} position="right" size={560} title="What happened to this message" closeButtonProps={{ "aria-label": "Close" }}>
      {message !== null && <Story key={message} id={message} />}
    </Drawer>
  );
}

function Story({ id }: { id: string }) {
  const { broadcast } = useDraft();
  const { data: story, error, refetch } = useMessageStory(broadcast.id, id);
  if (story === undefined) return error === null ? <WaitingRows rows={6} /> : <Failed error={error} onRetry={() => void refetch()} />;
  const { message } = story;
  return (
    <Stack gap="lg">
      {error !== null && <Notice kind="offline">{inWords(error)}</Notice>}
      <div className={classes["who"]}>
        <div>
          <Text fw={650}>{message.name || "No name"}</Text>
          <Text c="dimmed">
            <Phone number={message.address} />
          </Text>
        </div>
        <MessageStatusChip status={message.status} />
      </div>
      <Course story={story} />
      <section aria-label="The message">
        <Title order={3} mb={8}>
          {message.sent_at === null ? "The message" : "The message as it was sent"}
        </Title>
        {message.body === null ? <Text c="dimmed">It is written when it is sent.</Text> : <Bubble text={message.body} />}
        {message.segments !== null && (
          <Text size="xs" c="dimmed" mt={4}>
            {countOf(message.segments, "segment")}
          </Text>
        )}
      </section>
      <Details story={story} />
    </Stack>
  );
}

const dayBefore = (all: Happening[], index: number): string => {
  const before = all[index - 1];
  return before === undefined ? "" : day(before.at);
};

function Course({ story }: { story: MessageStory }) {
  const { message } = story;
  const all = happenings(story);
  const days = new Set(all.map(({ at }) => day(at)));
  const hasDays = days.size > 1 || all.some(({ at }) => day(at) !== day(new Date()));
  return (
    <section aria-label="What happened">
      <Title order={3} mb={8}>
        What happened
      </Title>
      {all.length === 0 && <Text c="dimmed">{message.status === "pending" ? "Nothing yet. It waits for its turn." : "Nothing is known of it yet."}</Text>}
      <ol className={classes["course"]}>
        {all.map((each, index) => (
          <Line key={each.key} happening={each} newDay={hasDays && day(each.at) !== dayBefore(all, index) ? day(each.at) : null} />
        ))}
        {message.next_try_at !== null && (
          <li className={classes["next"]}>
            {new Date(message.next_try_at) > new Date() ? `It is tried again at ${soon(message.next_try_at)}.` : "It is tried again as soon as its turn comes."}
          </li>
        )}
      </ol>
      {message.error !== null && (
        <Text c="dimmed" mt={8}>
          {all.length === 0 && `${message.error.words} `}
          {message.error.advice}
        </Text>
      )}
    </section>
  );
}

function Line({ happening: { at, words, tone }, newDay }: { happening: Happening; newDay: string | null }) {
  return (
    <li className={classes["line"]} data-tone={tone}>
      {newDay !== null && <span className={classes["day"]}>{newDay}</span>}
      <time dateTime={at} className={classes["time"]}>
        {clockSeconds(at)}
      </time>
      <span className={classes["mark"]} aria-hidden />
      <span>{words}</span>
    </li>
  );
}

/** For whoever asks the provider about it. */
function Details({ story }: { story: MessageStory }) {
  const lines = happenings(story).flatMap(({ details, key, at }) => details.map((text) => ({ key: key + text, at, text })));
  const { error } = story.message;
  const codes = error === null || error.code === "" ? [] : [`Code ${error.code}: ${error.words}`];
  if (lines.length + codes.length === 0) return null;
  return (
    <details className={classes["details"]}>
      <summary>Details for the provider</summary>
      <ul>
        {codes.map((text) => (
          <li key={text}>{text}</li>
        ))}
        {lines.map(({ key, at, text }) => (
          <li key={key}>
            <span className="figure">{clockSeconds(at)}</span> {text}
          </li>
        ))}
        <li>Message {story.message.id}</li>
      </ul>
    </details>
  );
}
