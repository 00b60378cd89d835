/** Nobody is signed in: how to get a link. */
import { Code, Paper, Stack, Text, Title } from "@mantine/core";

export function SignedOut({ reason }: { reason?: string }) {
  return (
    <main className="signed-out" style={{ display: "grid", placeItems: "center", minHeight: "100dvh", padding: 16 }}>
      <Paper withBorder p="xl" maw={440} w="100%">
        <Stack gap="md">
          <img src="/icon.svg" alt="Clarion" width={40} height={40} />
          <Title order={1}>Sign in with a link</Title>
          {reason !== undefined && (
            <Text role="alert" c="var(--app-bad)">
              {reason}
            </Text>
          )}
          <Text>On the machine where Clarion runs, ask for a sign-in link and open it here:</Text>
          <Code block>clarion token --link</Code>
          <Text c="dimmed">The link works once. Clarion then keeps you signed in on this browser.</Text>
        </Stack>
      </Paper>
    </main>
  );
}
