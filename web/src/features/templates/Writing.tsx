/** What is written in a template. Enter saves an SMS; in an email, which has many fields, it does not. */
import type { ReactNode } from "react";
import classes from "./Templates.module.css";

export function Writing({ isForm, onSave, children }: { isForm: boolean; onSave: () => void; children: ReactNode }) {
  if (!isForm) return <div className={classes["column"]}>{children}</div>;
  return (
    <form
      className={classes["column"]}
      onSubmit={(event) => {
        event.preventDefault();
        onSave();
      }}
    >
      {children}
    </form>
  );
}
