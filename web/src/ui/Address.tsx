/** Phone numbers, dates and e-mail addresses in tables: the first two stay in one line, an address breaks where it reads well. */
import { Fragment } from "react";
import { emailPieces } from "@/lib/contact";
import classes from "./Address.module.css";

/** What is longer is no number or date, whatever stands in that column. */
const LONGEST_WHOLE = 24;
const LONGEST_PIECE = 28;

export function Whole({ children: text }: { children: string }) {
  return text === "" ? null : <span className={text.length > LONGEST_WHOLE ? classes["long"] : classes["whole"]}>{text}</span>;
}

export const Phone = ({ number }: { number: string | null }) => <Whole>{number ?? ""}</Whole>;

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
