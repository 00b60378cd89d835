import { Skeleton } from "@mantine/core";
import { Later } from "@/ui/States";
import classes from "./Templates.module.css";

export const WaitingCards = () => (
  <Later>
    <div className={classes["cards"]} role="status" aria-label="Loading">
      {Array.from({ length: 8 }, (_, card) => (
        <Skeleton key={card} height={258} radius="md" />
      ))}
    </div>
  </Later>
);
