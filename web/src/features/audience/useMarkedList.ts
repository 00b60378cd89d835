/** One option of a list is marked and chosen with Enter; it stays marked when others come in around it. */
import { useEffect, useId, useState, type KeyboardEvent } from "react";

interface MarkedList {
  keys: string[];
  isOpen: boolean;
  /** Marked before the arrows were used. */
  first: string | null;
  onOpen: () => void;
  onClose: () => void;
  onChoose: (key: string) => void;
}

export function useMarkedList({ keys, isOpen, first, onOpen, onClose, onChoose }: MarkedList) {
  const id = useId();
  const [chosen, setChosen] = useState<string | null>(null);
  const marked = chosen !== null && keys.includes(chosen) ? chosen : first;
  const optionId = (key: string) => `${id}-${keys.indexOf(key)}`;
  const markedId = isOpen && marked !== null ? optionId(marked) : undefined;
  useEffect(() => {
    if (markedId !== undefined) document.getElementById(markedId)?.scrollIntoView({ block: "nearest" });
  }, [markedId]);

  const go = (by: 1 | -1) => {
    if (keys.length === 0) return;
    const at = marked === null ? (by === 1 ? -1 : 0) : keys.indexOf(marked);
    setChosen(keys[(at + by + keys.length) % keys.length] ?? null);
  };

  /** True when the key was one of the list. */
  const onKey = (event: KeyboardEvent): boolean => {
    if (event.nativeEvent.isComposing || event.altKey) return false;
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        if (isOpen) go(event.key === "ArrowDown" ? 1 : -1);
        else onOpen();
        break;
      case "Escape":
        if (!isOpen) return false;
        onClose();
        break;
      case "Enter":
        if (marked === null) return false;
        onChoose(marked);
        break;
      default:
        return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  };

  const unmark = () => setChosen(null);
  return { marked, markedId, optionId, onKey, unmark };
}
