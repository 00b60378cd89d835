/** One template: written, looked at, and every version of it. */
import { Skeleton, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconMapOff } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { hasStatus, inWords } from "@/api/problem";
import { useTemplate } from "@/api/templates";
import type { Template } from "@/api/types";
import { TextLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";
import { Empty, Failed, Later } from "@/ui/States";
import { BackToTemplates } from "./BackToTemplates";
import type { TemplateEmailEditor } from "./emailEditor";
import { TemplateActions } from "./TemplateActions";
import { TemplateEditor } from "./TemplateEditor";
import { Versions } from "./Versions";
import classes from "./Templates.module.css";

export function TemplatePage({ EmailEditor }: { EmailEditor: TemplateEmailEditor }) {
  const { id } = useParams({ from: "/templates/$id" });
  const { data, error, isError, fetchStatus, refetch } = useTemplate(id);
  const isOffline = fetchStatus === "paused";
  if (data !== undefined) {
    return (
      <div className={classes["page"]}>
        {(isError || isOffline) && (
          <div className={classes["above"]}>
            <Notice kind="offline">{inWords(error)}</Notice>
          </div>
        )}
        <OneTemplate key={id} template={data} EmailEditor={EmailEditor} />
      </div>
    );
  }
  if (hasStatus(error, 404)) {
    return (
      <Empty icon={IconMapOff} title="There is no such template" action={<TextLink to="/templates">Go to Templates</TextLink>}>
        {inWords(error)}
      </Empty>
    );
  }
  return error === null && !isOffline ? <Waiting /> : <Failed error={error} onRetry={() => void refetch()} />;
}

function OneTemplate({ template, EmailEditor }: { template: Template; EmailEditor: TemplateEmailEditor }) {
  useDocumentTitle(`${template.name} · Templates · Clarion`);
  return (
    <>
      <BackToTemplates />
      <Title order={1} className={classes["title"]}>
        {template.name}
      </Title>
      <TemplateActions template={template} />
      <TemplateEditor template={template} EmailEditor={EmailEditor} aside={<Versions template={template} />} />
    </>
  );
}

function Waiting() {
  return (
    <div className={classes["page"]}>
      <Later>
        <Skeleton h={28} w={280} mb={24} />
        <div className={classes["columns"]}>
          <Skeleton h={420} />
          <Skeleton h={320} visibleFrom="lg" />
        </div>
      </Later>
    </div>
  );
}
