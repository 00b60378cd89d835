import { Button, Center } from "@mantine/core";

interface LoadMoreProps {
  hasMore: boolean;
  isLoading: boolean;
  onMore: () => void;
  label?: string;
}

export function LoadMore({ hasMore, isLoading, onMore, label = "Load more" }: LoadMoreProps) {
  if (!hasMore) return null;
  return (
    <Center p="sm">
      <Button variant="default" loading={isLoading} onClick={onMore}>
        {label}
      </Button>
    </Center>
  );
}
