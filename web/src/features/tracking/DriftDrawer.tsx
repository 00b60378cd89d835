/** The people behind one number of what has changed since the audience was saved. */
import { Drawer, Stack, Text } from "@mantine/core";
import { useDrifted } from "@/api/drift";
import { driftWords } from "@/lib/drift";
import type { components } from "@/api/schema";
import type { DriftKind } from "@/api/types";
import { Phone } from "@/ui/Address";
import { DataTable, type Column } from "@/ui/DataTable";
import { LoadMore } from "@/ui/LoadMore";
import { Empty, Failed, WaitingRows } from "@/ui/States";

type Drifted = components["schemas"]["DriftedContact"];

const name: Column<Drifted> = { id: "name", label: "Name", isTitle: true, cell: (person) => person.name || "No name" };
const saved: Column<Drifted> = { id: "saved", label: "Saved number", cell: (person) => <Phone number={person.saved_address} /> };
const now: Column<Drifted> = {
  id: "now",
  label: "Number now",
  cell: (person) => (person.deleted ? "Contact deleted" : person.address === null ? "None" : <Phone number={person.address} />),
};

const columns: Record<DriftKind, Column<Drifted>[]> = { joined: [name, now], left: [name, saved, now], changed_number: [name, saved, now] };

export function DriftDrawer({ id, kind, onClose }: { id: string; kind: DriftKind | null; onClose: () => void }) {
  return (
    <Drawer opened={kind !== null} onClose={onClose} position="right" size={640} title={kind === null ? "" : driftWords(kind).title} closeButtonProps={{ "aria-label": "Close" }}>
      {kind !== null && <People id={id} kind={kind} />}
    </Drawer>
  );
}

function People({ id, kind }: { id: string; kind: DriftKind }) {
  const pages = useDrifted(id, kind);
  const rows = pages.data?.pages.flatMap((page) => page.contacts);
  if (rows === undefined) return pages.error === null ? <WaitingRows rows={8} /> : <Failed error={pages.error} onRetry={() => void pages.refetch()} />;
  if (rows.length === 0) return <Empty title="Nobody here">This list is empty now.</Empty>;
  return (
    <Stack gap={8}>
      <Text c="dimmed">{driftWords(kind).explanation}</Text>
      <DataTable isInside label="People" columns={columns[kind]} rows={rows} keyOf={(person) => person.contact_id} />
      <LoadMore hasMore={pages.hasNextPage} isLoading={pages.isFetchingNextPage} onMore={() => void pages.fetchNextPage()} />
    </Stack>
  );
}
