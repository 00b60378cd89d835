/** What holds for all broadcasts of the workspace. */
import { Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useWorkspaceSettings } from "@/api/workspace";
import { Failed, WaitingRows } from "@/ui/States";
import { Sender } from "./Sender";
import { SendingHours } from "./SendingHours";
import classes from "./Settings.module.css";

export function SettingsPage() {
  useDocumentTitle("Settings · Clarion");
  const { data: settings, error, refetch } = useWorkspaceSettings();
  return (
    <div className={classes["page"]}>
      <Title order={1} mb="md">
        Settings
      </Title>
      {settings === undefined && (error === null ? <WaitingRows rows={4} /> : <Failed error={error} onRetry={() => void refetch()} />)}
      {settings !== undefined && <SendingHours settings={settings} />}
      {settings !== undefined && <Sender settings={settings} />}
    </div>
  );
}
