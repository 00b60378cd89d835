/** Phone numbers and e-mail addresses in tables: a number stays in one line, an address breaks where it reads well. */
import { Fragment } from "react";
import { emailPieces } from "@/lib/contact";
import classes from "./Address.module.css";

/** What is longer is no number, whatever stands in that column. */
const LONGEST_NUMBER = 24;
const LONGEST_PIECE = 28;

export function Phone({ number }: { number: string | null }) {
  if (number === null || number === "") return null;
  return <span className={number.length > LONGEST_NUMBER ? classes["long"] : classes["whole"]}>{number}</span>;
}

export function Email({ address }: { address: string | null }) {
  if (address === null || address === "") return null;
  const pieces = emailPieces(address);
  return (
    <span className={pieces.some((piece) => piece.length > LONGEST_PIECE) ? classes["long"] : undefined}>
      {pieces.map((piece, index) => (
        <Fragment key={`${index} ${piece}`}>
          {index > 0 && <wbr />}
          {piece}
        </Fragment>
      ))}
    </span>
  );
}
