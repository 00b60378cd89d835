import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { MailBlocks } from "./MailBlocks";

const mail = (...blocks: unknown[]) => ({ kind: "blocks", style: {}, blocks });

test("rich text keeps its words and loses everything that could act or be loaded", () => {
  const html = `<p onclick="steal()">Hi <strong>Ann</strong> <a href="javascript:steal()">here</a><img src="https://a.example/x.png"><script>steal()</script></p>`;
  const { container } = render(<MailBlocks document={mail({ id: "t", type: "text", html })} />);
  expect(container).toHaveTextContent("Hi Ann here");
  expect(container.querySelector("strong")).toHaveTextContent("Ann");
  expect(container.querySelectorAll("a, img, script, [onclick]")).toHaveLength(0);
});

test("a button is a picture of one, and columns hold their blocks", () => {
  render(
    <MailBlocks
      document={mail({ id: "c", type: "columns", columns: [{ width: 50, blocks: [{ id: "b", type: "button", label: "Book", href: "https://a.example" }] }, { width: 50, blocks: [{ id: "h", type: "heading", text: "When" }] }] })}
    />,
  );
  expect(screen.getByText("Book")).toBeInTheDocument();
  expect(screen.getByText("When")).toBeInTheDocument();
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.queryByRole("link")).toBeNull();
});
