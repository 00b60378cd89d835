/** Changing the blocks of an email: each operation gives a new document and leaves the old one as it was. */
import { MOST_COLUMNS, newId, type Block, type BlocksDocument, type BlockType, type Column, type Style } from "./document";

/** The outermost list, or one of a block with columns. */
export type List = "page" | { block: string; column: number };

/** Before the block that stands at `index` of the list, or at its end. */
export interface Place {
  list: List;
  index: number;
}

export const isSameList = (one: List, other: List): boolean =>
  one === "page" || other === "page" ? one === other : one.block === other.block && one.column === other.column;

function listIn(blocks: Block[], list: List): Block[] {
  if (list === "page") return blocks;
  const holder = blocks.find(({ id }) => id === list.block);
  return holder?.type === "columns" ? (holder.columns[list.column]?.blocks ?? []) : [];
}

export const blocksOf = (document: BlocksDocument, list: List): Block[] => listIn(document.blocks, list);

function withList(document: BlocksDocument, list: List, change: (blocks: Block[]) => Block[]): BlocksDocument {
  if (list === "page") return { ...document, blocks: change(document.blocks) };
  const blocks = document.blocks.map((block) => {
    if (block.id !== list.block || block.type !== "columns") return block;
    const columns = block.columns.map((column, index) => (index === list.column ? { ...column, blocks: change(column.blocks) } : column));
    return { ...block, columns };
  });
  return { ...document, blocks };
}

/** All lists from top to bottom; those of columns follow the block that holds them. */
export function everyList(document: BlocksDocument): List[] {
  const inside = document.blocks.flatMap((block) => (block.type === "columns" ? block.columns.map((_, column): List => ({ block: block.id, column })) : []));
  return ["page", ...inside];
}

export const everyBlock = (document: BlocksDocument): Block[] =>
  document.blocks.flatMap((block) => (block.type === "columns" ? [block, ...block.columns.flatMap(({ blocks }) => blocks)] : [block]));

export const findBlock = (document: BlocksDocument, id: string): Block | undefined => everyBlock(document).find((block) => block.id === id);

export function whereIs(document: BlocksDocument, id: string): Place | undefined {
  for (const list of everyList(document)) {
    const index = blocksOf(document, list).findIndex((block) => block.id === id);
    if (index >= 0) return { list, index };
  }
  return undefined;
}

/** Columns hold neither columns nor the footer. */
export const canStandIn = (type: BlockType, list: List): boolean => list === "page" || (type !== "columns" && type !== "footer");

/** Every place where a block of the type can be put, as a person reads the email: columns between the places around them. */
export function placesFor(document: BlocksDocument, type: BlockType, moved?: string): Place[] {
  const found: Place[] = [{ list: "page", index: 0 }];
  document.blocks.forEach((block, at) => {
    if (block.type === "columns" && block.id !== moved && canStandIn(type, { block: block.id, column: 0 })) {
      block.columns.forEach(({ blocks }, column) => {
        for (let index = 0; index <= blocks.length; index += 1) found.push({ list: { block: block.id, column }, index });
      });
    }
    found.push({ list: "page", index: at + 1 });
  });
  return found;
}

const spliced = (blocks: Block[], index: number, added: Block): Block[] => [...blocks.slice(0, index), added, ...blocks.slice(index)];

export function add(document: BlocksDocument, block: Block, { list, index }: Place): BlocksDocument {
  if (!canStandIn(block.type, list)) return document;
  return withList(document, list, (blocks) => spliced(blocks, index, block));
}

export function remove(document: BlocksDocument, id: string): BlocksDocument {
  const place = whereIs(document, id);
  return place === undefined ? document : withList(document, place.list, (blocks) => blocks.filter((block) => block.id !== id));
}

/** The place is one of the document as it stands, with the block still where it was. */
export function move(document: BlocksDocument, id: string, to: Place): BlocksDocument {
  const from = whereIs(document, id);
  const block = findBlock(document, id);
  if (from === undefined || block === undefined || !canStandIn(block.type, to.list)) return document;
  if (to.list !== "page" && to.list.block === id) return document;
  const isSame = isSameList(from.list, to.list);
  if (isSame && (to.index === from.index || to.index === from.index + 1)) return document;
  const index = isSame && to.index > from.index ? to.index - 1 : to.index;
  return add(remove(document, id), block, { list: to.list, index });
}

export type Direction = "up" | "down";

/** Where a step takes the block: past its neighbour, and at the end of a column into the next one or out of them. */
export function stepTo(document: BlocksDocument, id: string, direction: Direction): Place | undefined {
  const from = whereIs(document, id);
  if (from === undefined) return undefined;
  const { list, index } = from;
  const isUp = direction === "up";
  if (isUp && index > 0) return { list, index: index - 1 };
  if (!isUp && index < blocksOf(document, list).length - 1) return { list, index: index + 2 };
  if (list === "page") return undefined;
  const next: List = { block: list.block, column: list.column + (isUp ? -1 : 1) };
  const holder = whereIs(document, list.block);
  if (everyList(document).some((each) => isSameList(each, next))) return { list: next, index: isUp ? blocksOf(document, next).length : 0 };
  return holder === undefined ? undefined : { list: "page", index: isUp ? holder.index : holder.index + 1 };
}

/** The same block once more, with ids of its own. */
export function copied(block: Block): Block {
  if (block.type !== "columns") return { ...block, id: newId() };
  return { ...block, id: newId(), columns: block.columns.map((column) => ({ ...column, blocks: column.blocks.map(copied) })) };
}

export function duplicate(document: BlocksDocument, id: string, copy: Block): BlocksDocument {
  const place = whereIs(document, id);
  return place === undefined ? document : add(document, copy, { list: place.list, index: place.index + 1 });
}

const changed = (blocks: Block[], id: string, change: Partial<Block>): Block[] =>
  blocks.map((block) => {
    // The options of a block give only what belongs to its type.
    if (block.id === id) return { ...block, ...change } as Block;
    if (block.type !== "columns") return block;
    return { ...block, columns: block.columns.map((column) => ({ ...column, blocks: changed(column.blocks, id, change) })) };
  });

export const change = (document: BlocksDocument, id: string, what: Partial<Block>): BlocksDocument => ({
  ...document,
  blocks: changed(document.blocks, id, what),
});

export const changeStyle = (document: BlocksDocument, style: Partial<Style>): BlocksDocument => ({
  ...document,
  style: { ...document.style, ...style },
});

/** So many columns of the same width; what stood in one that goes away stands in the last one that stays. */
export function withColumns(columns: Column[], wanted: number): Column[] {
  const number = Math.min(Math.max(wanted, 2), MOST_COLUMNS);
  const width = Math.floor(100 / number);
  const kept = Array.from({ length: number }, (_, index): Column => ({ width, blocks: columns[index]?.blocks ?? [] }));
  const left = columns.slice(number).flatMap(({ blocks }) => blocks);
  return kept.map((column, index) => (index === number - 1 ? { ...column, blocks: [...column.blocks, ...left] } : column));
}

/** The block that a pointer like /email/blocks/2/columns/0/blocks/1/alt leads to. */
export function blockAt(document: BlocksDocument, pointer: string): Block | undefined {
  const [, outer, column, inner] = /^(?:\/email)?\/blocks\/(\d+)(?:\/columns\/(\d+)\/blocks\/(\d+))?(?:\/|$)/.exec(pointer) ?? [];
  if (outer === undefined) return undefined;
  const block = document.blocks[Number(outer)];
  if (inner === undefined || block?.type !== "columns") return block;
  return block.columns[Number(column)]?.blocks[Number(inner)] ?? block;
}
