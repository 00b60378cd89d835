import { IconArrowLeft } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import classes from "./Templates.module.css";

export const BackToTemplates = () => (
  <Link to="/templates" className={classes["back"]}>
    <IconArrowLeft size={16} aria-hidden />
    Templates
  </Link>
);
