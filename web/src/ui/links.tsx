/** Mantine's controls as links of the router. */
import { Anchor, Button, Menu, type AnchorProps, type ButtonProps, type MenuItemProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type Html = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "style" | "color"> & { ref?: Ref<HTMLAnchorElement> };

export const ButtonLink = createLink((props: ButtonProps & Html) => <Button component="a" {...props} />);
export const TextLink = createLink((props: AnchorProps & Html) => <Anchor component="a" {...props} />);
export const MenuLink = createLink((props: MenuItemProps & Html) => <Menu.Item component="a" {...props} />);
