/** What can be done with the blocks, each with its words for undo and for screen readers, and where the focus goes. */
import { useEffect, useRef, useState, type RefObject } from "react";
import { blockNames, newBlock, spokenBlock, type Block, type BlocksDocument, type BlockType } from "./document";
import { add, blocksOf, canStandIn, change, changeStyle, copied, duplicate, everyBlock, findBlock, move, remove, stepTo, whereIs, type Place } from "./edit";
import type { Editing } from "./editing";

type Actions = Pick<Editing, "selected" | "select" | "add" | "remove" | "duplicate" | "step" | "move" | "change" | "style">;

interface BlocksOptions {
  document: BlocksDocument;
  root: RefObject<HTMLElement | null>;
  edit: (next: BlocksDocument, said: string, typed?: string) => void;
}

/** "in column 2, place 1 of 3" */
export function spokenPlace(document: BlocksDocument, { list, index }: Place): string {
  const place = `place ${index + 1} of ${blocksOf(document, list).length}`;
  return list === "page" ? place : `column ${list.column + 1}, ${place}`;
}

/** What somebody who has put in such a block does next. */
const nextIn: Partial<Record<BlockType, string>> = {
  heading: "textarea:not([aria-hidden])",
  button: "input",
  html: "textarea:not([aria-hidden])",
  image: "button",
};

export function useBlocks({ document, root, edit }: BlocksOptions): Actions & { spoken: string; open: (target: { block?: string; field?: string }) => void } {
  const [chosen, setChosen] = useState<string | null>(null);
  const [spoken, setSpoken] = useState("");
  // The focus is given with the next drawing, also where nothing else has changed.
  const [asked, setAsked] = useState(0);
  const focusOn = useRef<string[]>([]);
  const selected = chosen !== null && findBlock(document, chosen) !== undefined ? chosen : null;

  useEffect(() => {
    for (const selector of focusOn.current) {
      const found = root.current?.querySelector<HTMLElement>(selector);
      if (found === null || found === undefined) continue;
      found.focus();
      break;
    }
    focusOn.current = [];
  });

  const firstOf = ({ id, type }: Block) => [`[data-block="${id}"] [contenteditable=true]`, ...(nextIn[type] === undefined ? [] : [`[data-options="${id}"] ${nextIn[type]}`]), button(id, "select")];
  const button = (id: string, act: string) => `[data-block="${id}"] [data-act="${act}"]`;

  return {
    spoken,
    selected,
    select: setChosen,
    open: ({ block, field }) => {
      if (block !== undefined) setChosen(block);
      focusOn.current = block === undefined ? [`[name="${field}"]`] : [`[data-block="${block}"] [contenteditable=true]`, button(block, "select")];
      setAsked(asked + 1);
    },
    add: (type, to) => {
      const block = newBlock(type);
      const beside = selected === null ? undefined : whereIs(document, selected);
      const holder = beside === undefined || beside.list === "page" ? undefined : whereIs(document, beside.list.block);
      const after = beside !== undefined && !canStandIn(type, beside.list) ? holder : beside;
      // The footer is the end of the email; what is added without a place stands before it.
      const last = document.blocks.at(-1)?.type === "footer" && type !== "footer" ? document.blocks.length - 1 : document.blocks.length;
      const place = to ?? (after === undefined ? { list: "page" as const, index: last } : { list: after.list, index: after.index + 1 });
      const next = add(document, block, place);
      edit(next, `add ${blockNames[type].toLowerCase()}`);
      setChosen(block.id);
      setSpoken(`${blockNames[type]} added, ${spokenPlace(next, whereIs(next, block.id) ?? place)}.`);
      focusOn.current = firstOf(block);
    },
    remove: (block) => {
      const all = everyBlock(document);
      const next = remove(document, block.id);
      const left = everyBlock(next);
      const following = all.slice(all.findIndex(({ id }) => id === block.id) + 1).find(({ id }) => left.some((each) => each.id === id)) ?? left.at(-1);
      edit(next, `remove ${blockNames[block.type].toLowerCase()}`);
      setChosen(null);
      setSpoken(`${spokenBlock(block)} removed. Undo brings it back.`);
      focusOn.current = following === undefined ? ["[data-palette] button"] : [button(following.id, "select"), "[data-palette] button"];
    },
    duplicate: (block) => {
      const copy = copied(block);
      edit(duplicate(document, block.id, copy), `duplicate ${blockNames[block.type].toLowerCase()}`);
      setChosen(copy.id);
      setSpoken(`${spokenBlock(block)} duplicated.`);
      focusOn.current = [button(copy.id, "duplicate")];
    },
    step: (block, direction) => {
      const to = stepTo(document, block.id, direction);
      if (to === undefined) return;
      const next = move(document, block.id, to);
      edit(next, `move ${blockNames[block.type].toLowerCase()}`);
      setSpoken(`${spokenBlock(block)}, ${spokenPlace(next, whereIs(next, block.id) ?? to)}.`);
      focusOn.current = [button(block.id, direction)];
    },
    move: (block: Block, to: Place) => {
      edit(move(document, block.id, to), `move ${blockNames[block.type].toLowerCase()}`);
      setChosen(block.id);
      focusOn.current = [button(block.id, "handle")];
    },
    change: (id, what, typed) => edit(change(document, id, what), `change ${blockNames[findBlock(document, id)?.type ?? "text"].toLowerCase()}`, typed && `${id} ${typed}`),
    style: (what, typed) => edit(changeStyle(document, what), "change the style", typed && `style ${typed}`),
  };
}
