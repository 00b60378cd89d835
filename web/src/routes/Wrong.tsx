/** What stands where a screen cannot. */
import { Anchor } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link, useRouter } from "@tanstack/react-router";
import { Empty, Failed } from "@/ui/States";

export function NotFound() {
  return (
    <Empty icon={IconMapOff} title="There is no such page" action={<Anchor component={Link} to="/broadcasts">Go to Broadcasts</Anchor>}>
      The address may be old, or a character of it got lost.
    </Empty>
  );
}

export function Wrong({ error }: { error: unknown }) {
  const router = useRouter();
  return <Failed error={error} onRetry={() => void router.invalidate()} />;
}
