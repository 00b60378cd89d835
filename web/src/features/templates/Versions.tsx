/** Every version of a template; what has changed since one of them, and the way back to it. */
import { Button, Drawer, Skeleton, Text, Title } from "@mantine/core";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { useRestoreTemplate, useTemplateDifference, useTemplateVersions } from "@/api/templates";
import type { Template, TemplateVersionLine } from "@/api/types";
import { dayAndTime } from "@/lib/format";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Later } from "@/ui/States";
import { Difference } from "./Difference";
import classes from "./Templates.module.css";

export function Versions({ template }: { template: Template }) {
  const list = useTemplateVersions(template);
  const versions = list.data?.pages.flatMap((page) => page.versions);
  const [opened, setOpened] = useState<TemplateVersionLine | null>(null);
  return (
    <section aria-label="Versions" className={classes["panel"]}>
      <Title order={2} mb={4}>
        Versions
      </Title>
      {list.isError && <Notice kind="bad">{inWords(list.error)}</Notice>}
      {versions === undefined && !list.isError && (
        <Later>
          <Skeleton h={88} />
        </Later>
      )}
      <ol className={classes["versions"]}>
        {versions?.map((each) => (
          <li key={each.version}>
            <div className={classes["version"]}>
              <Text fw={550} className="figure">
                Version {each.version}
                {each.version === template.version && " (current)"}
              </Text>
              <Text size="xs" c="dimmed">
                {each.created_by}, {dayAndTime(each.created_at)}
              </Text>
              {each.note !== "" && <Text size="xs">{each.note}</Text>}
            </div>
            {each.version !== template.version && (
              <Button variant="default" size="xs" aria-label={`Compare version ${each.version} with the current one`} aria-haspopup="dialog" onClick={() => setOpened(each)}>
                Compare
              </Button>
            )}
          </li>
        ))}
      </ol>
      <LoadMore hasMore={list.hasNextPage} isLoading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} label="Earlier versions" />
      <Drawer opened={opened !== null} onClose={() => setOpened(null)} position="right" size="lg" closeButtonProps={{ "aria-label": "Close" }} title={`Since version ${opened?.version ?? ""}`}>
        {opened !== null && <Compared template={template} opened={opened} onRestored={() => setOpened(null)} />}
      </Drawer>
    </section>
  );
}

function Compared({ template, opened, onRestored }: { template: Template; opened: TemplateVersionLine; onRestored: () => void }) {
  const { id, version } = template;
  const difference = useTemplateDifference(id, opened.version, version);
  const restore = useRestoreTemplate(id);
  return (
    <div className={classes["difference"]}>
      <Text c="dimmed" size="xs">
        {opened.created_by} saved version {opened.version} on {dayAndTime(opened.created_at)}. What was added since is green and underlined, what was taken away is red and struck through.
      </Text>
      {difference.isError && <Notice kind="bad" isAlert>{inWords(difference.error)}</Notice>}
      {difference.data === undefined && !difference.isError && (
        <Later>
          <Skeleton h={120} />
        </Later>
      )}
      {difference.data !== undefined && <Difference difference={difference.data} />}
      {restore.isError && <Notice kind="bad" isAlert>{inWords(restore.error)}</Notice>}
      <div>
        <Button loading={restore.isPending} onClick={() => restore.mutate({ version: opened.version, if_version: version }, { onSuccess: onRestored })}>
          Restore version {opened.version} as version {version + 1}
        </Button>
        <Text size="xs" c="dimmed" mt={4}>
          The versions in between stay.
        </Text>
      </div>
    </div>
  );
}
