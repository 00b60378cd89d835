/** Who writes, as it stands at the end of each email. */
import { Button, Text, TextInput, Title } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { ApiProblem, inWords } from "@/api/problem";
import { useChangeWorkspace } from "@/api/workspace";
import type { WorkspaceSettings } from "@/api/types";
import { Notice } from "@/ui/Notice";
import classes from "./Settings.module.css";

export function Sender({ settings }: { settings: WorkspaceSettings }) {
  const [company, setCompany] = useState(settings.company_name);
  const [address, setAddress] = useState(settings.postal_address);
  const change = useChangeWorkspace();
  const isSame = company === settings.company_name && address === settings.postal_address;
  const faults = change.error instanceof ApiProblem ? change.error.faults : [];
  const faultAt = (pointer: string) => faults.find((fault) => fault.pointer === pointer)?.detail;
  const edit = (set: () => void) => {
    set();
    change.reset();
  };
  return (
    <form
      className={classes["card"]}
      aria-label="Sender of emails"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame) change.mutate({ company_name: company, postal_address: address });
      }}
    >
      <div>
        <Title order={2}>Sender of emails</Title>
        <Text c="dimmed">Stands at the end of each email, with the link to unsubscribe. The law asks for both in most countries.</Text>
      </div>
      <TextInput label="Company" maxLength={200} value={company} error={faultAt("/company_name")} onChange={({ currentTarget: { value } }) => edit(() => setCompany(value))} />
      <TextInput label="Postal address" maxLength={500} placeholder="Street, city, state and ZIP" value={address} error={faultAt("/postal_address")} onChange={({ currentTarget: { value } }) => edit(() => setAddress(value))} />
      {change.isError && faults.length === 0 && (
        <Notice kind="bad" isAlert>
          {inWords(change.error)}
        </Notice>
      )}
      <div className={classes["save"]}>
        <Button type="submit" disabled={isSame} loading={change.isPending}>
          Save sender
        </Button>
        <Text span c="dimmed" aria-live="polite" className={classes["saved"]}>
          {isSame ? (
            <>
              <IconCheck size={16} aria-hidden />
              Saved
            </>
          ) : (
            "Not saved yet"
          )}
        </Text>
      </div>
    </form>
  );
}
