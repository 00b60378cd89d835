import { IconArrowLeft } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import classes from "./Segments.module.css";

export const BackToSegments = () => (
  <Link to="/segments" className={classes["back"]}>
    <IconArrowLeft size={16} aria-hidden />
    Segments
  </Link>
);
